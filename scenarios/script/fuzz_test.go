package script

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// seeds show the fuzzer each kind of line.
var seeds = []string{
	"// Title.\n// Lesson.\n--hosts=client,server // two\n--delay=10ms --x=\"a b\"\n\n",
	"`defaults.sh`\n+0 client `sysctl -q x=1`\n%{\nassert a\n}%\n`restore`\n",
	"#ifdef FreeBSD\n+0 close(3) = 0 // bye\n#ifdef X\n#endif\n#endif // end\n",
	"@linux,windows +.1~+.2 client > FP. 1:11(10) ack 1 win 65535 urg 3 <mss 1460,nop,wscale 7,sackOK>\n",
	"* client:40001 > server:80 S. 0:0(0) <...>\n0.5 server:80 < client:1 R -1:-1(0)! ack -3\n",
	"+0 > [ect0,ttl 3] (tos 0x3) 80 > 40001 - ...(0) <TS val 1 ecr 2,sack 1:2 3:4,FO 0a,eol>\n",
	"+0 > ipv4 1.1.1.1 > 2.2.2.2: gre: . 1:1(0) <md5 valid,exp-tfo a> /udp(1 > 2) md5 valid\n+0 > . 1:1(0) encap psp\n",
	"+0 < icmp unreachable frag_needed mtu 1200 [1:1461(1460)]\n+0 < [1:1(0)] icmp a\n+0 < icmp b [udp (9)]\n",
	"+0 link delay client > F!S data #2 x3 +.5 until 2.5\n+0 link drop client > * x*\n+0 link down\n",
	"+0...never client/worker read(4, \"a\\x41\\n\"..., 10) = -1 EPIPE (Broken pipe)\n+0...1 exit()\n",
	"+0 f({msg_iov(2)=[{..., 10}], a = A|0x1}, {*:80}, {LISTEN 1, B 0...2}, htons(80), /* in */ -1) = {}\n",
	"+0 f(1, // one\n 2, /* two\n*/ 3) = A\n",
}

// Whatever parses prints as text that parses to the same tree and prints the
// same; whatever does not gives an error of one line.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse("fuzz.pkt", text)
		if err != nil {
			var e *Error
			require.True(t, errors.As(err, &e))
			require.Positive(t, e.Line)
			require.Positive(t, e.Column)
			require.NotContains(t, e.Msg, "\n")
			require.Less(t, len(e.Msg), 500)
			return
		}
		s.Description()
		wantRoundTrip(t, "fuzz.pkt", text)
	})
}

// The seeds themselves are scripts.
func TestSeeds(t *testing.T) {
	for _, s := range seeds {
		wantRoundTrip(t, "seed.pkt", []byte(s))
	}
}

func BenchmarkParse(b *testing.B) {
	var text []byte
	for _, s := range seeds[3:] {
		text = append(text, s...)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("bench.pkt", text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFormat(b *testing.B) {
	s, err := Parse("bench.pkt", []byte(seeds[3]+seeds[9]+seeds[10]))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_ = s.String()
	}
}
