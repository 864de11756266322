package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/scenarios/script"
)

// stormText has two ends without delay answer each other for ever.
const stormText = `--hosts=client,server
--profile=rfc793
--packets=subset
` + "`sysctl -q net.ipv4.tcp_timestamps=0`" + `
+0  server socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0  server bind(3, {server:80}, ...) = 0
+0  server listen(3, 1) = 0
+0  client socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0  client connect(3, {server:80}, ...) = 0
+1  server accept(3, ..., ...) = 4
+.1 server < P. 1:11(10) ack 1
`

const listenText = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n+0 listen(3, 1) = 0\n"

// manyHosts names 254 hosts.
func manyHosts() string {
	var b strings.Builder
	for i := range 254 {
		fmt.Fprintf(&b, ",h%d", i)
	}
	return b.String() + "\n"
}

// What a script asks for and cannot have is said in one line, with its place.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"command", "0 `ls -l`\n", `unknown command "ls" (sysctl, set_sysctls.py, sockstat, tcpdrop and defaults.sh are understood; nothing is run)`},
		{"parameter by path", "0 `./set_sysctls.py /proc/sys/net/ipv4/tcp_nothing=1`\n", `sysctl: unknown parameter "net.ipv4.tcp_nothing"`},
		{"sockstat's option", "0 `sockstat -x | grep -c LISTEN`\n", `sockstat: unknown option "-x" (want -4, -6, -P tcp, -p PORT, -s)`},
		{"sockstat's protocol", "0 `sockstat -P udp | grep -c LISTEN`\n", `sockstat: protocol "udp" (only tcp is simulated)`},
		{"sockstat's port", "0 `sockstat -p http | grep -c LISTEN`\n", `sockstat: "http" is no port`},
		{"sockstat's state", "0 `sockstat -s | grep -c ASLEEP`\n", `sockstat: unknown state "ASLEEP" (want CLOSED, LISTEN, SYN_SENT ... TIME_WAIT)`},
		{"sockstat and another command", "0 `sockstat -s | wc -l`\n", `sockstat: cannot answer "wc -l" (want grep packetdril, grep -c STATE, grep NUMBER)`},
		{"tcpdrop of one", "0 `tcpdrop 1 2 3 4`\n", `tcpdrop: cannot do "1 2 3 4" (want -a, or -s STATE)`},
		{"tcpdrop of a state", "0 `tcpdrop -s ASLEEP`\n", `tcpdrop: unknown state "ASLEEP" (want CLOSED, LISTEN, SYN_SENT ... TIME_WAIT)`},
		{"many hosts", "--hosts=a" + manyHosts(), "1:1: --hosts: 255 hosts, want at most 254"},
		{"no simulation", "--hosts=a,b\n--profile=beos\n+0 a close(3) = 0\n",
			`2:1: --profile: unknown profile "beos"`},
		{"no simulation of one", "--hosts=a,b\n--b_profile=solaris\n+0 a close(3) = 0\n",
			`2:1: --b_profile: unknown profile "solaris"`},
		{"SACK blocks", listenText + "+0 < S 0:0(0) win 9 <sack 1:2 3:4 5:6 7:8,sack 1:2>\n", "4:"},
		{"options", listenText + "+0 < S 0:0(0) win 9 <mss 1460,TS val 1 ecr 0,sack 1:2 3:4 5:6 7:8>\n",
			"4:21: the options take 52 octets, want at most 40"},
		{"text", listenText + "+0 < . 1:65530(65529) ack 1\n", "4:8: 65529 octets do not fit a datagram, want at most 65495"},
		{"number", listenText + "+0 read(3, ..., 4294967296) = 0\n", "4:17: 4294967296 does not fit an int of 32 bits"},
		{"time", listenText + "+0...100000000 accept(3, ..., ...) = 4\n", "lies more than 2400h0m0s behind the event before it"},
		{"storm", stormText + "+0 client close(3) = 0\n", "12:4: no end after 20000 simulated events, at 1.100000 s: the exchange goes on for ever"},
		{"storm behind the end", stormText, "11:1: no end after 20000 simulated events"},
		{"storm while a segment is awaited", stormText + "* client > F. 1:1(0) ack 1\n", "12:3: no end after 20000 simulated events"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := script.Parse("bad.pkt", []byte(c.text))
			require.NoError(t, err)
			all := Play(s, Config{Events: manyEvents})
			require.Len(t, all, 1)
			require.Equal(t, Error, all[0].Status)
			require.Regexp(t, `^bad\.pkt:\d+:\d+: [^\n]+$`, all[0].String())
			require.Contains(t, all[0].String(), c.want)
		})
	}
}

// A script without events asks for nothing.
func TestNoEvents(t *testing.T) {
	for _, text := range []string{"", "--hosts=a\n", "--hosts=a,b\n--packets=strict\n", "// Nothing.\n"} {
		s, err := script.Parse("none.pkt", []byte(text))
		require.NoError(t, err)
		require.Equal(t, []Outcome{{Script: "none.pkt", Profile: "rfc9293", Status: Pass}}, Play(s, Config{}))
	}
}

// Without a profile, one host is what its commands are of, and several are the
// RFC's.
func TestDefaultProfile(t *testing.T) {
	for text, want := range map[string]string{
		"`sysctl -q net.ipv4.tcp_timestamps=0`\n":                   "linux",
		"`sysctl net.inet.tcp.rfc1323=0`\n":                         "freebsd",
		"--hosts=a,b\n`sysctl -q net.ipv4.tcp_timestamps=0`\n":      "rfc9293",
		"--profile=rfc793\n`sysctl -q net.ipv4.tcp_timestamps=0`\n": "rfc793",
		"": "rfc9293",
	} {
		s, err := script.Parse("a.pkt", []byte(text))
		require.NoError(t, err)
		got, err := Runs(s, Config{})
		require.NoError(t, err)
		require.Equal(t, []string{want}, got, text)
	}
}

// Google's set-up scripts set parameters by their files.
func TestParametersByPath(t *testing.T) {
	text := "`../common/defaults.sh\n../common/set_sysctls.py /proc/sys/net/ipv4/tcp_timestamps=0 /proc/sys/net/ipv4/tcp_sack=0`\n" + `
0   socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0  fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0  connect(3, ..., ...) = -1 EINPROGRESS
+0  > S 0:0(0) <mss 1460,nop,wscale 10>
` + "`/tmp/sysctl_restore_${PPID}.sh`\n"
	s, err := script.Parse("setup.pkt", []byte(text))
	require.NoError(t, err)
	o := PlayUnder(s, "linux", Config{})
	require.Equal(t, Pass, o.Status, "%v", &o)
}
