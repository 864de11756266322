package script

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// event reads one event, without its position.
func event(t *testing.T, line string) *Event {
	t.Helper()
	s := placeless(parse(t, line))
	require.Len(t, s.Items, 1)
	return s.Items[0].(*Event)
}

func ptr[T any](v T) *T { return &v }

// A story of two hosts, with endings that depend on the profile, prints as it
// stands.
func TestStory(t *testing.T) {
	const story = `// Four-way close: the client closes first.
// The side that sends the first FIN is the one that waits in TIME-WAIT.
--hosts=client,server
--profiles=rfc9293,linux,freebsd
--delay=10ms

+0        server socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0        server bind(3, {server:80}, ...) = 0
+0        server listen(3, 1) = 0
+0        client socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0...0.02 client connect(3, {server:80}, ...) = 0
+0        client > S 0:0(0) <...>
+.01      server > S. 0:0(0) ack 1 <...>
+.01      client > . 1:1(0) ack 1
+.01      server accept(3, ..., ...) = 4

+0   client        fork() = worker
+.1  client/worker close(3) = 0
+0   client        > F. 1:1(0) ack 1
+.01 server        > . 1:1(0) ack 2
+0   server        tcp_state(4) = CLOSE_WAIT

@rfc9293       +0 client > R 5:5(0)
@linux,windows +0 client > R. 5:5(0) ack 1
@freebsd       +0 client > F. 5:5(0) ack 1

+240 client tcp_states() = {LISTEN 1, CLOSE_WAIT 2}
`
	require.Equal(t, story, parse(t, story).String())
}

// A time tells when.
func TestTimes(t *testing.T) {
	for _, tt := range []struct {
		text      string
		want      Time
		canonical string
	}{
		{"0", Time{Kind: Absolute}, "0"},
		{"0.1", Time{Kind: Absolute, At: 100_000}, "0.1"},
		{".01", Time{Kind: Absolute, At: 10_000}, "0.01"},
		{"1.000001", Time{Kind: Absolute, At: 1_000_001}, "1.000001"},
		{"007.50", Time{Kind: Absolute, At: 7_500_000}, "7.5"},
		{"1000000000", Time{Kind: Absolute, At: 1e15}, "1000000000"},
		{"999999999.999999", Time{Kind: Absolute, At: 1e15 - 1}, "999999999.999999"},
		{"+0", Time{Kind: Relative}, "+0"},
		{"+ 0.00", Time{Kind: Relative}, "+0"},
		{"+.1", Time{Kind: Relative, At: 100_000}, "+.1"},
		{"+0.25", Time{Kind: Relative, At: 250_000}, "+.25"},
		{"+1.50", Time{Kind: Relative, At: 1_500_000}, "+1.5"},
		{"*", Time{Kind: Anytime}, "*"},
		{"0.1~0.2", Time{Kind: Absolute, At: 100_000, Upto: 200_000, Range: true}, "0.1~0.2"},
		{"+.1~+.2", Time{Kind: Relative, At: 100_000, Upto: 200_000, Range: true}, "+.1~+.2"},
		{"+ .1 ~ + .2", Time{Kind: Relative, At: 100_000, Upto: 200_000, Range: true}, "+.1~+.2"},
	} {
		e := event(t, tt.text+" > S 0:0(0)")
		require.Equal(t, tt.want, e.Time, tt.text)
		require.Equal(t, tt.canonical, e.Time.String(), tt.text)
	}
	for _, tt := range []struct {
		text      string
		want      Time
		canonical string
	}{
		{"1...2", Time{Kind: Absolute, At: 1e6, Until: 2e6, Block: true}, "1...2"},
		{"0.1....5", Time{Kind: Absolute, At: 100_000, Until: 500_000, Block: true}, "0.1...0.5"},
		{"+0...0.020", Time{Kind: Relative, Until: 20_000, Block: true}, "+0...0.02"},
		{"+0...never", Time{Kind: Relative, Block: true, Never: true}, "+0...never"},
	} {
		e := event(t, tt.text+" close(3) = 0")
		require.Equal(t, tt.want, e.Time, tt.text)
		require.Equal(t, tt.canonical, e.Time.String(), tt.text)
	}
}

// An event belongs to profiles, a host and a process.
func TestWho(t *testing.T) {
	closes := &Call{Name: "close", Args: []Expr{Int{Value: 3, Text: "3"}}, Result: Int{Text: "0"}}
	reset := TCP{Flags: "R", Seq: 1, End: 1}
	now := Time{Kind: Relative}
	client, server := &Endpoint{Host: "client", Port: 40001}, &Endpoint{Host: "server", Port: 80}
	for _, tt := range []struct {
		text string
		want Event
	}{
		{"+0 close(3) = 0", Event{Time: now, Action: closes}},
		{"+0 client close(3) = 0", Event{Time: now, Host: "client", Action: closes}},
		{"+0 client/worker close(3) = 0", Event{Time: now, Host: "client", Process: "worker", Action: closes}},
		{"@linux +0 close(3) = 0", Event{Profiles: []string{"linux"}, Time: now, Action: closes}},
		{"+0 @linux, windows client close(3) = 0",
			Event{Profiles: []string{"linux", "windows"}, Time: now, Host: "client", Action: closes}},
		{"client `true`", Event{Host: "client", Action: &Command{Text: "true"}}},
		{"+0 client > R 1:1(0)", Event{Time: now, Host: "client", Action: &Packet{TCP: reset}}},
		{"+0 client:40001 > server:80 R 1:1(0)",
			Event{Time: now, Host: "client", Action: &Packet{From: client, To: server, TCP: reset}}},
		{"+0 client > client:40001 > server:80 R 1:1(0)",
			Event{Time: now, Host: "client", Action: &Packet{From: client, To: server, TCP: reset}}},
		{"+0 server:80 < client:40001 R 1:1(0)",
			Event{Time: now, Host: "server", Action: &Packet{Inbound: true, From: client, To: server, TCP: reset}}},
		{"+0 < client:40001 > server:80 R 1:1(0)",
			Event{Time: now, Action: &Packet{Inbound: true, From: client, To: server, TCP: reset}}},
		{"+0 > 80 > 40001 R 1:1(0)",
			Event{Time: now, Action: &Packet{From: &Endpoint{Port: 80}, To: &Endpoint{Port: 40001}, TCP: reset}}},
	} {
		require.Equal(t, tt.want, *event(t, tt.text), tt.text)
	}
}

// Comments and empty lines are items, a comment behind an event is the event's.
func TestComments(t *testing.T) {
	s := placeless(parse(t, strings.Join([]string{
		"",
		"  // one",
		"  // two",
		"/* three",
		"   four */ // five",
		"",
		"",
		"--mtu=1500 // six",
		"+0 close(3) = 0 /* seven */ // eight",
		"+0 close(3 /* nine */,",
		"         // ten",
		"         4) = 0",
		"",
	}, "\n")))
	closes := func(args ...Expr) *Call { return &Call{Name: "close", Args: args, Result: Int{Text: "0"}} }
	three, four := Int{Value: 3, Text: "3"}, Int{Value: 4, Text: "4"}
	require.Equal(t, []Item{
		Comment{Text: "// one\n// two"},
		Comment{Text: "/* three\n   four */"},
		Comment{Text: "// five"},
		Blank{},
		Option{Name: "mtu", Value: "1500", HasArg: true, Comment: "// six"},
		&Event{Time: Time{Kind: Relative}, Action: closes(three), Comment: "/* seven */ // eight"},
		Comment{Text: "/* nine */"},
		Comment{Text: "// ten"},
		&Event{Time: Time{Kind: Relative}, Action: closes(three, four)},
	}, s.Items)
}

// Options keep the spelling of their values.
func TestOptions(t *testing.T) {
	s := placeless(parse(t, `--hosts=client,server
--non_fatal --local_ip = fd3d::1
--define=NAME="a b" --quoted="\"//" --x=//none
--empty=
`))
	require.Equal(t, []Item{
		Option{Name: "hosts", Value: "client,server", HasArg: true},
		Option{Name: "non_fatal"},
		Option{Name: "local_ip", Value: "fd3d::1", HasArg: true},
		Option{Name: "define", Value: `NAME="a b"`, HasArg: true},
		Option{Name: "quoted", Value: `"\"//"`, HasArg: true},
		Option{Name: "x", HasArg: true, Comment: "//none"},
		Option{Name: "empty", HasArg: true},
	}, s.Items)
}

// Conditionals hold items; comments on their lines move into the items.
func TestConditionals(t *testing.T) {
	s := placeless(parse(t, `#ifdef FreeBSD // why
%{ assert a }%
#ifdef STANDARD
#endif
#endif // end
`))
	require.Equal(t, []Item{
		Comment{Text: "// why"},
		&Conditional{Name: "FreeBSD", Items: []Item{
			&Event{Action: &Code{Text: " assert a "}},
			&Conditional{Name: "STANDARD"},
			Comment{Text: "// end"},
		}},
	}, s.Items)
}

// Commands and code keep their text, over lines too.
func TestCommandsAndCode(t *testing.T) {
	s := placeless(parse(t, "`a\n  b \\` c`\r\n+0 %{ assert x == 1\nassert y\n}%\n`sysctl_restore`"))
	require.Equal(t, []Item{
		&Event{Action: &Command{Text: "a\n  b \\` c"}},
		&Event{Time: Time{Kind: Relative}, Action: &Code{Text: " assert x == 1\nassert y\n"}},
		&Event{Action: &Command{Text: "sysctl_restore"}},
	}, s.Items)
}

// Positions count lines and the bytes of a line from 1, in every kind of item.
func TestPositions(t *testing.T) {
	s := parse(t, "// é\n`a\nb`\n\n+0  client > S. 0:0(0) <mss 1>\n@x +0 close(\n  3) = -1 EPIPE (\"é\") // end\n")
	event := func(i int) *Event { return s.Items[i].(*Event) }
	require.Equal(t, Pos{1, 1}, s.Items[0].(Comment).Pos)
	require.Equal(t, Pos{2, 1}, event(1).Pos)
	require.Equal(t, Pos{4, 1}, s.Items[2].(Blank).Pos)

	k := event(3).Action.(*Packet)
	require.Equal(t, Pos{5, 1}, event(3).Time.Pos)
	require.Equal(t, Pos{5, 12}, k.Pos)
	require.Equal(t, Pos{5, 14}, k.TCP.FlagsPos)
	require.Equal(t, Pos{5, 17}, k.TCP.SeqPos)
	require.Equal(t, Pos{5, 24}, k.TCP.Options.Pos)
	require.Equal(t, Pos{5, 25}, k.TCP.Options.List[0].Pos)

	c := event(4).Action.(*Call)
	require.Equal(t, Pos{6, 1}, event(4).Pos)
	require.Equal(t, Pos{6, 4}, event(4).Time.Pos)
	require.Equal(t, Pos{6, 7}, c.Pos)
	require.Equal(t, Pos{7, 3}, Position(c.Args[0]))
	require.Equal(t, Pos{7, 8}, Position(c.Result))
	require.Equal(t, Pos{7, 17}, c.NotePos)
}
