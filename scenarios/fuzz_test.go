package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// manyEvents is what runs under the fuzzer may take: a second at most.
const manyEvents = 20_000

// wantEnds plays a script under its profiles: it ends, and what it ends with is
// told in one line, with its place.
func wantEnds(t *testing.T, s *script.Script) {
	for _, o := range Play(s, Config{Events: manyEvents}) {
		switch o.Status {
		case Pass:
			require.Empty(t, o.Message)
			continue
		case Fail, Error:
		default:
			t.Fatalf("status %q", o.Status)
		}
		require.Positive(t, o.Line, "%v", &o)
		require.Positive(t, o.Column, "%v", &o)
		require.NotEmpty(t, o.Message)
		require.NotContains(t, o.Message, "\n")
		require.True(t, strings.HasPrefix(o.String(), o.Name()+":"), "%v", &o)
	}
}

// oneHostLines are lines of scripts in packetdrill's own manner.
const oneHostLines = `--tolerance_usecs=1000
--bind_port=8080
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>
+0 > S. 0:0(0) ack 1 <...>
+.1 < . 1:1(0) ack 1 win 257
+0 accept(3, ..., ...) = 4
+0 write(4, ..., 1000) = 1000
+0 > P. 1:1001(1000) ack 1
+.1 < . 1:1(0) ack 1001 win 257
+0 %{ assert tcpi_state == TCP_ESTABLISHED, tcpi_state }%
+0...1 connect(3, ..., ...) = 0
+0 < F. 1:1(0) ack 1 win 257
+0 < icmp unreachable host_unreachable [1:1(0)]
* > R 1:1(0)
+0 close(4) = 0
`

// Any text that is a script is played to an end.
func FuzzPlay(f *testing.F) {
	for _, s := range Library() {
		f.Add(s.Text)
	}
	f.Add([]byte("// A host alone.\n" + oneHostLines))
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := script.Parse("fuzz.pkt", text); err == nil {
			wantEnds(t, s)
		}
	})
}

// Lines of the library, however they are put together, are played to an end.
// The fuzzer gives two octets for each line.
func FuzzPlayLines(f *testing.F) {
	lines, at := lineTable()
	for _, s := range Library() {
		var picks []byte
		for line := range strings.Lines(string(s.Text)) {
			if k, ok := at[line]; ok {
				picks = append(picks, byte(k>>8), byte(k))
			}
		}
		f.Add(picks)
	}
	f.Fuzz(func(t *testing.T, picks []byte) {
		var text strings.Builder
		for ; len(picks) >= 2 && text.Len() < 10_000; picks = picks[2:] {
			text.WriteString(lines[(int(picks[0])<<8|int(picks[1]))%len(lines)])
		}
		if s, err := script.Parse("fuzz.pkt", []byte(text.String())); err == nil {
			wantEnds(t, s)
		}
	})
}

// lineTable lists the lines of the library and of one-host scripts, each once,
// and tells where each stands.
func lineTable() (lines []string, at map[string]int) {
	at = map[string]int{}
	add := func(text string) {
		for line := range strings.Lines(text) {
			if _, known := at[line]; !known && !strings.HasPrefix(line, "//") {
				at[line] = len(lines)
				lines = append(lines, line)
			}
		}
	}
	for _, s := range Library() {
		add(string(s.Text))
	}
	add(oneHostLines)
	return lines, at
}

// Whatever stands in a code block is a value or an error of one line.
func FuzzCode(f *testing.F) {
	for _, text := range []string{
		"assert tcpi_state == TCP_ESTABLISHED, tcpi_state", "assert 1 < 2 <= 3 != 4; assert not (0 or -1 ** 2)",
		"assert tcpi_rto // 1000 % 7 << 3 >> 1 & 0xff | ~1 ^ 2 # comment\nassert (tcpi_snd_cwnd ==\n10)", "print(1)",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var info sim.TCPInfo
		for _, s := range statements(text) {
			body := assertion(strings.TrimPrefix(s, "assert"))
			name := func(n string) (int64, error) { return infoField(info, n) }
			v, err := evaluate(body, name)
			again, errAgain := evaluate(body, name)
			require.Equal(t, v, again)
			require.Equal(t, err, errAgain)
			if err != nil {
				require.NotContains(t, err.Error(), "\n")
			}
			require.NotContains(t, values(body, info), "\n")
		}
	})
}
