package script

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
)

// An error names the place, what was wanted and what was met.
func TestErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		// Flags and sequence numbers.
		{"+0 > SY. 1:1(0)", `1:6: unknown flag "Y" in "SY." (want S, F, R, P, U, E, W or .)`},
		{"+0 > SS 1:1(0)", `1:6: flag "S" stands twice in "SS"`},
		{"+0 > S- 1:1(0)", `1:6: unknown flag "-" in "S-" (want S, F, R, P, U, E, W or .)`},
		{"+0 > -1:1(0)", `1:6: unknown flag "-" in "-1" (want S, F, R, P, U, E, W or .)`},
		{"+0 >", "1:5: segment: want flags (S, F, R, P, U, E, W or .), got the end of the file"},
		{"+0 > S", "1:7: segment: want a sequence such as 1:1(0), got the end of the file"},
		{"+0 > S // nothing", "1:18: segment: want a sequence such as 1:1(0), got the end of the file"},
		{"+0 > S\n+0 > S. 0:0(0)", "1:7: segment: want a sequence such as 1:1(0), got the end of the line"},
		{"+0 > S x", `1:8: segment: want a sequence such as 1:1(0), got "x"`},
		{"+0 > S 1:3", `1:11: sequence: want "(", got the end of the file`},
		{"+0 > S 1:3(1)", "1:8: sequence 1:3(1): want an end of 2, got 3"},
		{"+0 > . 4294967295:1(1)", "1:8: sequence 4294967295:1(1): want an end of 0, got 1"},
		{"+0 > . -1:1(1)", "1:8: sequence -1:1(1): want an end of 0, got 1"},
		{"+0 > S -x:1(1)", `1:9: sequence: want a number behind "-", got "x"`},
		{"+0 > S 4294967296:0(0)", "1:8: sequence 4294967296 is out of range (0 to 4294967295)"},
		{"+0 > S 1:65537(65536)", "1:16: length 65536 is out of range (0 to 65535)"},
		{"+0 > S 1:1(-1)", "1:12: length -1 is negative"},

		// Fields and options of a segment.
		{"+0 > S 1:1(0) ack", "1:18: ack: want a number, got the end of the file"},
		{"+0 > S 1:1(0) ack 4294967296", "1:19: ack 4294967296 is out of range (0 to 4294967295)"},
		{"+0 > S 1:1(0) win 65536", "1:19: win 65536 is out of range (0 to 65535)"},
		{"+0 > S 1:1(0) win -1", "1:19: win -1 is negative"},
		{"+0 > S 1:1(0) win 1k", `1:19: win: want a number, got "1k"`},
		{"+0 > S 1:1(0) urg 65536", "1:19: urg 65536 is out of range (0 to 65535)"},
		{"+0 > S 1:1(0) win 10 ack 3", `1:22: event: want the end of the line, got "ack"`},
		{"+0 > S 1:1(0) <foo 3>", `1:16: unknown TCP option "foo" (want mss, wscale, sackOK, TS, sack, nop, eol, FO, FOEXP, md5 or exp-...)`},
		{"+0 > S 1:1(0) <,>", `1:16: TCP options: want one of mss, wscale, sackOK, TS, sack, nop, eol, FO, FOEXP, md5 or exp-..., got ","`},
		{"+0 > S 1:1(0) <mss 65536>", "1:20: mss 65536 is out of range (0 to 65535)"},
		{"+0 > S 1:1(0) <mss>", `1:19: mss: want a number, got ">"`},
		{"+0 > S 1:1(0) <mss 3", `1:21: TCP options: want "," or ">", got the end of the file`},
		{"+0 > S 1:1(0) <wscale 256>", "1:23: wscale 256 is out of range (0 to 255)"},
		{"+0 > S 1:1(0) <TS 3>", `1:19: TS: want "val", got "3"`},
		{"+0 > S 1:1(0) <TS val 3>", `1:24: TS: want "ecr", got ">"`},
		{"+0 > S 1:1(0) <sack>", `1:20: sack: want a number, got ">"`},
		{"+0 > S 1:1(0) <sack 3>", `1:22: sack: want ":", got ">"`},
		{"+0 > S 1:1(0) <... mss 3>", `1:20: TCP options: want ">", got "mss"`},

		// What stands around a segment.
		{"+0 c:1 S 0:0(0)", `1:8: ports: want ">" or "<", got "S"`},
		{"+0 c:65536 > s:1 S 0:0(0)", "1:6: port 65536 is out of range (0 to 65535)"},
		{"+0 c:1 > 1 S 0:0(0)", "1:10: ports: want a host in front of port 1, as in front of the first"},
		{"+0 > 1 S 0:0(0)", `1:8: ports: want ">", got "S"`},
		{"+0 > 1 > x S 0:0(0)", `1:12: ports: want ":", got "S"`},
		{"+0 > [ect0 S 1:1(0)", `1:14: IP header: want "]", got "1"`},
		{"+0 > (64) S 1:1(0)", `1:6: segment: want flags (S, F, R, P, U, E, W or .), got "("`},
		{"+0 > gre S 1:1(0)", `1:6: encapsulation "gre" has no ":" behind it`},
		{"+0 > . 1:1(0) encap", "1:15: encap: want one encapsulation, by name"},
		{"+0 > . 1:1(0) /udp(9899)", `1:24: /udp: want ">", got ")"`},
		{"+0 < icmp", "1:10: icmp: want a type such as unreachable, got the end of the file"},
		{"+0 < icmp unreachable mtu 70000", "1:27: mtu 70000 is out of range (0 to 65535)"},
		{"+0 < icmp unreachable [1:1(0)", `1:30: quoted segment: want "]", got the end of the file`},
		{"+0 < icmp unreachable [1:2(0)]", "1:24: sequence 1:2(0): want an end of 1, got 2"},
		{"+0 < [1:1(0)] S 1:1(0)", `1:15: segment: want icmp behind the quoted segment, got "S"`},

		// Times.
		{"0", "1:2: event: want a host, a call, a segment, a command or code, got the end of the file"},
		{"close(3) = 0", `1:1: event: want a time, got "close"`},
		{"client close(3) = 0", `1:1: event: want a time, got "client"`},
		{"client link down", `1:1: event: want a time, got "client"`},
		{"> S 0:0(0)", `1:1: event: want a time, got ">"`},
		{"+ close(3) = 0", `1:3: time: want seconds such as 0.1, got "close"`},
		{"+0close(3) = 0", `1:2: time: want seconds such as 0.1, got "0close"`},
		{"1. close(3) = 0", `1:1: time: want seconds such as 0.1, got "1."`},
		{"0.1.2 close(3) = 0", `1:1: time: want seconds such as 0.1, got "0.1."`},
		{"0.1234567 close(3) = 0", "1:1: time 0.1234567 has more than 6 decimals"},
		{"-1 close(3) = 0", "1:1: time -1 is negative"},
		{"+-.5 close(3) = 0", "1:2: time -.5 is negative"},
		{"1000000000.000001 close(3) = 0", "1:1: time 1000000000.000001 is out of range (0 to 1000000000)"},
		{"99999999999999999999999999999999999999999999 close(3) = 0", "1:1: time 9999999999999999999999999999999999999999... is out of range (0 to 1000000000)"},
		{"1~0 > S 0:0(0)", "1:3: time: want an end of 1 or later, got 0"},
		{"+0~1 > S 0:0(0)", `1:4: time: want "+" before both ends of a window or before neither`},
		{"0~+1 > S 0:0(0)", `1:3: time: want "+" before both ends of a window or before neither`},
		{"1...0 close(3) = 0", "1:5: time: want an end of 1 or later, got 0"},
		{"+1...+2 close(3) = 0", `1:6: time: want seconds such as 0.1, got "+"`},
		{"* close(3) = 0", "1:1: time *: only a segment that a host sends can have it"},
		{"* < S 0:0(0)", "1:1: time *: only a segment that a host sends can have it"},
		{"+0~+1 link down", "1:1: time +0~+1: only a segment that a host sends can have it"},
		{"+0~+1 `true`", "1:1: time +0~+1: only a segment that a host sends can have it"},
		{"+0...1 > S 0:0(0)", "1:1: time +0...1: only a call can block"},
		{"+0 close(3) = 0\n`true`\n\n+0 close(4) = 0", "2:1: command between events: want a time"},

		// Hosts and profiles.
		{"@ +0 close(3) = 0", `1:3: profiles: want a name, got "+"`},
		{"@a,+0 close(3) = 0", `1:4: profiles: want a name, got "+"`},
		{"@a +0 @b close(3) = 0", `1:7: profiles: want one "@" in an event, got a second`},
		{"+0 client", `1:10: host "client": want a call, a segment, a command or code, got the end of the file`},
		{"+0 client close 3", `1:17: "close": want "(", got "3"`},
		{"+0 client/ close(3) = 0", `1:12: process: want a name, got "close"`},
		{"+0 client 3", `1:11: host "client": want a call, a segment, a command or code, got "3"`},
		{"+0 client:1", `1:12: ports: want ">" or "<", got the end of the file`},

		// Link lines.
		{"+0 link lose c > F", `1:9: unknown link verb "lose" (want drop, delay, duplicate, down or up)`},
		{"+0 link drop", "1:13: link: want the host that sends the segment, got the end of the file"},
		{"+0 link drop c", `1:15: link: want ">", got the end of the file`},
		{"+0 link drop c >", `1:17: link: want flags or "*", got the end of the file`},
		{"+0 link drop c > Q", `1:18: unknown flag "Q" in "Q" (want S, F, R, P, U, E, W or .)`},
		{"+0 link drop c > -", `1:18: unknown flag "-" in "-" (want S, F, R, P, U, E, W or .)`},
		{"+0 link drop c > F!F", `1:20: flag "F" cannot be both set and clear`},
		{"+0 link drop c > F!", `1:20: link: want flags behind "!", got the end of the file`},
		{"+0 link drop c > F #0", "1:21: link #: want 1 or more, got 0"},
		{"+0 link drop c > F x", "1:21: link x: want a number, got the end of the file"},
		{"+0 link drop c > F x2 x3", `1:23: link: "x" stands twice`},
		{"+0 link drop c > F data nodata", `1:25: link: "data" stands twice`},
		{"+0 link drop c > F +.1", "1:20: link drop takes no time such as +.1"},
		{"+0 link drop c > F until", "1:25: time: want seconds such as 0.1, got the end of the file"},
		{"+0 link drop c > F foo", `1:20: event: want the end of the line, got "foo"`},
		{"+0 link delay c > F", "1:20: link delay: want a time such as +.1, got the end of the file"},
		{"+0 client link down", `1:11: link: want no host in front of it, got "client"`},

		// Calls.
		{"+0 close(3 = 0", `1:12: close: want "," or ")", got "="`},
		{"+0 close(3,) = 0", `1:12: call: want a value, got ")"`},
		{"+0 close(3, // one\n\n  4 5) = 0", `3:5: close: want "," or ")", got "5"`},
		{"+0 close(3, // one\n\n  ;) = 0", `3:3: call: want a value, got ";"`},
		{"+0 close(3 // one\n\n+0 close(4) = 0", `1:18: close: want "," or ")", got the end of the line`},
		{"+0 close(3) =", "1:14: call: want a value, got the end of the file"},
		{"+0 close(3) =\n+0 close(4) = 0", "1:14: call: want a value, got the end of the line"},
		{"+0 close(3) = 0 (no", `1:17: note has no ")" on its line`},
		{"+0 close(3) = A EPIPE", `1:17: event: want the end of the line, got "EPIPE"`},
		{"+0 close(3) = 0 +0 close(4) = 0", `1:17: event: want the end of the line, got "+"`},
		{"+0 close(99999999999999999999) = 0", "1:10: number 99999999999999999999 is out of range (-2^63 to 2^63-1)"},
		{"+0 close(0x) = 0", `1:10: number: want digits, got "0x"`},
		{"+0 close(10ms) = 0", `1:10: number: want digits, got "10ms"`},
		{"+0 close(-) = 0", `1:10: number: want digits, got "-"`},
		{"+0 close(5...2) = 0", "1:14: range: want an end of 5 or more, got 2"},
		{"+0 close(5...x) = 0", `1:14: number: want digits, got "x"`},
		{"+0 close([1) = 0", `1:12: list: want "," or "]", got ")"`},
		{"+0 close(A|) = 0", `1:12: call: want a value, got ")"`},
		{"+0 close({) = 0", `1:11: call: want a value, got ")"`},
		{"+0 close({a=}) = 0", `1:13: call: want a value, got "}"`},
		{"+0 close({a 1, 3}) = 0", "1:16: struct: want fields all with or all without a count"},
		{"+0 close({a 1 2}) = 0", `1:15: struct: want "," or "}", got "2"`},
		{"+0 close({s:70000}) = 0", "1:13: port 70000 is out of range (0 to 65535)"},
		{"+0 close({s 1 2}, {s:70000}) = 0", `1:15: struct: want "," or "}", got "2"`},
		{"+0 close({...:80}) = 0", `1:14: struct: want "," or "}", got ":"`},
		{`+0 close("abc) = 0`, "1:10: string is not closed on its line"},

		// Lines.
		{"--", `1:1: option: want a name behind "--"`},
		{"--=3", `1:1: option: want a name behind "--"`},
		{"--mtu=1500 foo", `1:12: option "mtu": want the end of the line, got "foo"`},
		{`--x="abc`, "1:5: value of an option is not closed on its line"},
		{"+0 close(3) = 0\n--mtu=1500", `2:1: option "mtu" stands behind an event (want options first)`},
		{"#ifdef", "1:7: #ifdef: want a name, got the end of the file"},
		{"#ifdef X", `1:1: #ifdef "X" has no #endif`},
		{"#ifdef X Y", `1:10: #ifdef: want the end of the line, got "Y"`},
		{"#endif", "1:1: #endif without #ifdef"},
		{"#else", `1:1: unknown directive "#else" (want #ifdef or #endif)`},
		{"%", `1:1: event: want a time, got "%"`},
		{"/* never\nends", `1:1: comment has no "*/"`},
		{"+0 close(3 /* never\nends", `1:12: comment has no "*/"`},
		{"`sysctl", "1:1: command has no closing back-quote"},
		{"+0 %{ assert", `1:4: code has no "}%"`},
		{"+0 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 3", `1:67: host "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"...: want a call, a segment, a command or code, got "3"`},
	} {
		_, err := Parse("t", []byte(tt.text))
		require.EqualError(t, err, "t:"+tt.want, tt.text)
	}
}

// Escapes are C's; what is no text is refused before anything else.
func TestErrorsOfBytes(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"+0 > S 0:0(0) ...", `1:15: event: want the end of the line, got "..."`},
		{`+0 f("a\qc")`, `1:8: unknown escape in a string (want \n, \t, \", \\, \x41 or the like)`},
		{`+0 f("a\400")`, `1:8: unknown escape in a string (want \n, \t, \", \\, \x41 or the like)`},
		{`+0 f("\x")`, `1:7: unknown escape in a string (want \n, \t, \", \\, \x41 or the like)`},
		{"// a\n// \x00", "2:4: control byte 0x00 (want text)"},
		{"`a\rb`", "1:3: control byte 0x0d (want text)"},
		{"+0 close(3)\x1b[31m = 0", "1:12: control byte 0x1b (want text)"},
		{"\xff\xfe", `1:1: event: want a time, got "\xff"`},
		{"+0 \u202e", `1:4: event: want a host, a call, a segment, a command or code, got "\u202e"`},
	} {
		_, err := Parse("t", []byte(tt.text))
		require.EqualError(t, err, "t:"+tt.want, "%q", tt.text)
	}
}

// The fields of an error can be had one by one.
func TestErrorFields(t *testing.T) {
	_, err := Parse("four-way-close.pkt", []byte("\n+0 > SY. 0:0(0)\n"))
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, Error{Name: "four-way-close.pkt", Pos: Pos{Line: 2, Column: 6},
		Msg: `unknown flag "Y" in "SY." (want S, F, R, P, U, E, W or .)`}, *e)
}

// Nesting up to the limit is read, one more is an error.
func TestNesting(t *testing.T) {
	brackets := func(n int) string {
		return "+0 f(" + strings.Repeat("[", n) + strings.Repeat("]", n) + ")"
	}
	wantRoundTrip(t, "t", []byte(brackets(maxDepth)))
	_, err := Parse("t", []byte(brackets(maxDepth+1)))
	require.EqualError(t, err, "t:1:106: nesting is more than 100 deep")

	_, err = Parse("t", []byte("+0 f("+strings.Repeat("g(", maxDepth+1)))
	require.EqualError(t, err, "t:1:206: nesting is more than 100 deep")

	conditionals := func(n int) string {
		return strings.Repeat("#ifdef X\n", n) + strings.Repeat("#endif\n", n)
	}
	wantRoundTrip(t, "t", []byte(conditionals(maxDepth)))
	_, err = Parse("t", []byte(conditionals(maxDepth+1)))
	require.EqualError(t, err, "t:101:1: nesting is more than 100 deep")
}

// Whatever the input, the answer comes at once, in one short printable line: a
// megabyte takes milliseconds, and would take minutes if the time were quadratic.
func TestHostileInput(t *testing.T) {
	const size = 1 << 20
	fill := func(begin, repeat string) []byte {
		return append([]byte(begin), bytes.Repeat([]byte(repeat), size/len(repeat))...)
	}
	noise := make([]byte, size)
	random := rand.NewChaCha8([32]byte{1})
	_, err := random.Read(noise)
	require.NoError(t, err)
	printable := bytes.Map(func(r rune) rune { return ' ' + r%95 }, noise)

	for _, tt := range []struct {
		name string
		text []byte
	}{
		{"noise", noise},
		{"printable noise", printable},
		{"zeros", make([]byte, size)},
		{"a word", fill("", "x")},
		{"a call's name", fill("+0 ", "x")},
		{"a call's long name", append(fill("+0 ", "x"), "(3"...)},
		{"a number", fill("+0 f(", "9")},
		{"a time", fill("+", "9")},
		{"a fraction", fill("+.", "9")},
		{"a window", fill("+0 > S 0:0(0) win ", "9")},
		{"a sequence", fill("+0 > S -", "9")},
		{"flags", fill("+0 > ", "S")},
		{"a string", fill(`+0 f("`, "x")},
		{"escapes", fill(`+0 f("`, `\"`)},
		{"a list", fill("+0 f(", "[1],")},
		{"brackets", fill("+0 f(", "[")},
		{"structs", fill("+0 f(", "{a={b=[")},
		{"applications", fill("+0 f(", "{f(")},
		{"flags of a call", fill("+0 f(", "A|")},
		{"comments in a call", fill("+0 f(", "1 /**/ /**/, ")},
		{"comments", fill("", "/**/")},
		{"an open comment", fill("/*", "/*")},
		{"an open block", fill("+0 %{", "}")},
		{"an open command", fill("`", `\`)},
		{"an open conditional", fill("", "#ifdef X\n")},
		{"an open option", fill(`--x="`, "/")},
		{"options", fill("", "--x=a ")},
		{"option lines", fill("", "--x\n#")},
		{"tunnels", fill("+0 > ", "gre: ")},
		{"a tunnel", fill("+0 > ", "gre ")},
		{"a tunnel's name", append(fill("+0 > . 1:1(0) ", "encap "), ':')},
		{"IP headers", fill("+0 > ", "[ect0]")},
		{"sack blocks", fill("+0 > . 1:1(0) <sack", " 1:1")},
		{"TCP options", fill("+0 > . 1:1(0) <", "nop,")},
		{"a cookie", fill("+0 > . 1:1(0) <FO ", "a ")},
		{"a note", fill("+0 f() = 0 (", "(")},
		{"profiles", fill("@a", ",a")},
		{"link words", fill("+0 link drop c > F", " data")},
		{"spaces", fill("+0 f() = 0", " \n")},
		{"times", fill("", "+0\n")},
	} {
		start := time.Now()
		_, err := Parse("t", tt.text)
		require.Less(t, time.Since(start), 10*time.Second, tt.name)
		if tt.name == "comments" || tt.name == "spaces" || tt.name == "options" {
			require.NoError(t, err, tt.name)
			continue
		}
		require.Error(t, err, tt.name)
		require.Less(t, len(err.Error()), 250, tt.name)
		for _, r := range err.Error() {
			require.True(t, unicode.IsPrint(r), "%s: %q", tt.name, err)
		}
	}
}

// A long name does not widen the lines of its neighbours.
func TestLongNamesPrintAtOnce(t *testing.T) {
	text := "+0 " + strings.Repeat("h", 1<<20) + " close(3) = 0\n" + strings.Repeat("+0 a close(3) = 0\n", 1<<16)
	require.Less(t, len(parse(t, text).String()), 2*len(text))
}
