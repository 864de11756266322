package script

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func num(n int64, text string) Int { return Int{Value: n, Text: text} }

func sym(name string) Sym { return Sym{Name: name} }

// A value is its tree, and prints as its canonical text.
func TestExprs(t *testing.T) {
	for _, tt := range []struct {
		text, canonical string
		want            Expr
	}{
		{"3", "", num(3, "3")},
		{"-1", "", num(-1, "-1")},
		{"+1", "", num(1, "+1")},
		{"010", "", num(10, "010")},
		{"0x1F", "", num(31, "0x1F")},
		{"4294967295", "", num(4294967295, "4294967295")},
		{"-9223372036854775808", "", num(-1<<63, "-9223372036854775808")},
		{"SOCK_STREAM", "", sym("SOCK_STREAM")},
		{"...", "", Any{}},
		{"0...100", "", Range{Hi: 100}},
		{"-1 ... 5", "-1...5", Range{Lo: -1, Hi: 5}},
		{"O_RDWR | O_NONBLOCK|0x1", "O_RDWR|O_NONBLOCK|0x1", Or{Of: []Expr{sym("O_RDWR"), sym("O_NONBLOCK"), num(1, "0x1")}}},
		{`"a\n\t\"\\\x41\101\0"`, "", Str{Value: "a\n\t\"\\AA\x00", Text: `"a\n\t\"\\\x41\101\0"`}},
		{`"cut"...`, "", Str{Value: "cut", Text: `"cut"`, More: true}},
		{"[]", "", List{}},
		{"[1,[A]]", "[1, [A]]", List{Of: []Expr{num(1, "1"), List{Of: []Expr{sym("A")}}}}},
		{"htons(8080)", "", Apply{Name: "htons", Args: []Expr{num(8080, "8080")}}},
		{"{server:80}", "", Addr{Host: "server", Port: 80}},
		{"{ *:80 }", "{*:80}", Addr{Host: "*", Port: 80}},
		{"{}", "", Struct{Census: true}},
		{"{LISTEN 1,CLOSE_WAIT 0...2}", "{LISTEN 1, CLOSE_WAIT 0...2}", Struct{Census: true, Fields: []Field{
			{Name: "LISTEN", Value: num(1, "1")}, {Name: "CLOSE_WAIT", Value: Range{Hi: 2}}}}},
		{"{..., 10}", "", Struct{Fields: []Field{{Value: Any{}}, {Value: num(10, "10")}}}},
		{"{fd=4, events=POLLIN | POLLOUT}", "{fd=4, events=POLLIN|POLLOUT}", Struct{Fields: []Field{
			{Name: "fd", Value: num(4, "4")}, {Name: "events", Value: Or{Of: []Expr{sym("POLLIN"), sym("POLLOUT")}}}}}},
		{"{A|B, f(1)|C}", "", Struct{Fields: []Field{{Value: Or{Of: []Expr{sym("A"), sym("B")}}},
			{Value: Or{Of: []Expr{Apply{Name: "f", Args: []Expr{num(1, "1")}}, sym("C")}}}}}},
		{`{sa_family = AF_INET, sin_addr = inet_addr("192.0.2.1")}`, `{sa_family=AF_INET, sin_addr=inet_addr("192.0.2.1")}`,
			Struct{Fields: []Field{{Name: "sa_family", Value: sym("AF_INET")},
				{Name: "sin_addr", Value: Apply{Name: "inet_addr", Args: []Expr{Str{Value: "192.0.2.1", Text: `"192.0.2.1"`}}}}}}},
		{"{msg_name(...)=..., msg_iov(2)=[{..., 10}], msg_flags=0}", "", Struct{Fields: []Field{
			{Name: "msg_name", Arg: Any{}, Value: Any{}},
			{Name: "msg_iov", Arg: num(2, "2"),
				Value: List{Of: []Expr{Struct{Fields: []Field{{Value: Any{}}, {Value: num(10, "10")}}}}}},
			{Name: "msg_flags", Value: num(0, "0")}}}},
		{"{cmsg_level=SOL_IP, cmsg_data={ee_errno=0}}", "", Struct{Fields: []Field{
			{Name: "cmsg_level", Value: sym("SOL_IP")},
			{Name: "cmsg_data", Value: Struct{Fields: []Field{{Name: "ee_errno", Value: num(0, "0")}}}}}}},
	} {
		got := parse(t, "+0 f("+tt.text+")").Items[0].(*Event).Action.(*Call)
		require.Equal(t, Pos{1, 6}, Position(got.Args[0]), tt.text)
		require.Equal(t, []Expr{tt.want}, placeless(got.Args), tt.text)
		if tt.canonical == "" {
			tt.canonical = tt.text
		}
		require.Equal(t, "f("+tt.canonical+")", got.String())
	}
}

// What is no value has no position.
func TestNoPosition(t *testing.T) {
	require.Equal(t, Pos{}, Position(nil))
}

// A call has a result, an errno and a note, or none of them.
func TestResults(t *testing.T) {
	for _, tt := range []struct {
		text, canonical string
		want            Call
	}{
		{"exit()", "", Call{Name: "exit"}},
		{"exit ( )", "exit()", Call{Name: "exit"}},
		{"fork() = worker", "", Call{Name: "fork", Result: sym("worker")}},
		{"fork() = worker (child)", "", Call{Name: "fork", Result: sym("worker"), Note: "child"}},
		{"read() = ...", "", Call{Name: "read", Result: Any{}}},
		{"read() = 0...100", "", Call{Name: "read", Result: Range{Hi: 100}}},
		{"read() = -1 EPIPE", "", Call{Name: "read", Result: num(-1, "-1"), Errno: "EPIPE"}},
		{"read() = -1 EPIPE (...)", "", Call{Name: "read", Result: num(-1, "-1"), Errno: "EPIPE", Note: "..."}},
		{"read()=-1 EPIPE( Broken pipe )", "read() = -1 EPIPE (Broken pipe)",
			Call{Name: "read", Result: num(-1, "-1"), Errno: "EPIPE", Note: "Broken pipe"}},
		{"fcntl() = 0x02 (flags O_RDWR)", "", Call{Name: "fcntl", Result: num(2, "0x02"), Note: "flags O_RDWR"}},
		{"tcp_states() = {LISTEN 1}", "", Call{Name: "tcp_states",
			Result: Struct{Census: true, Fields: []Field{{Name: "LISTEN", Value: num(1, "1")}}}}},
	} {
		got := event(t, "+0 "+tt.text).Action.(*Call)
		require.Equal(t, tt.want, *got, tt.text)
		if tt.canonical == "" {
			tt.canonical = tt.text
		}
		require.Equal(t, tt.canonical, got.String())
	}
}

// A tree that no parser made prints as text that gives it back.
func TestUnspelledValues(t *testing.T) {
	require.Equal(t, "-7", Int{Value: -7}.String())
	s := Str{Value: "a\"\\\n\x00\x7fé7"}
	got := event(t, "+0 f("+s.String()+")").Action.(*Call).Args[0].(Str)
	require.Equal(t, s.Value, got.Value)
	require.Equal(t, "- 1:1(0)", TCP{Seq: 1, End: 1}.String())
}
