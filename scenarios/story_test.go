package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// calls plays a story and lists its calls with when they were made.
func calls(t *testing.T, text string, cfg Config) (made []string, o Outcome) {
	t.Helper()
	s, err := script.Parse("story.pkt", []byte(text))
	require.NoError(t, err)
	cfg.Story = true
	cfg.Attach = func(n *sim.Network, _ Run) error {
		n.Listen(func(r *sim.Record) { made = append(made, r.At.String()+" "+r.Call.Text) }, sim.Called)
		return nil
	}
	o = PlayUnder(s, "rfc9293", cfg)
	return made, o
}

// What a script expects does not come, and its calls are made all the same, at
// their times.
func TestStoryGoesOn(t *testing.T) {
	made, o := calls(t, `--hosts=client,server
+0   client socket(..., SOCK_STREAM, IPPROTO_TCP) = 4
+.1  client connect(3, {server:80}, ...) = 0
+.1  server > F. 1:1(0) ack 1
+.1~+.2 server > F. 2:2(0) ack 1
+.1  client close(3) = 0
*    client > P. 1:5(4) ack 1
+.1  client tcp_state(3) = ESTABLISHED
+1   client close(3) = 0
`, Config{Telling: "rfc793"})
	require.Equal(t, Pass, o.Status, o.Message)
	require.Equal(t, []string{
		"0.000000 socket(..., SOCK_STREAM, IPPROTO_TCP)",
		"0.100000 connect(3, {server:80}, ...)",
		"0.500000 close(3)", // the window's end, and a tenth
		"2.200000 close(3)", // "*" waits until nothing is left to happen: here a timer at 1.1 s
	}, made)
}

// A one-host story goes by its times too.
func TestStoryOfOneHost(t *testing.T) {
	made, o := calls(t, `
0    socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0   bind(3, ..., ...) = 0
+0   listen(3, 1) = 0
+.5  > S 0:0(0)
+.1~+.2 > S. 0:0(0) ack 1
+.1  close(3) = -1 EINVAL
`, Config{})
	require.Equal(t, Pass, o.Status, o.Message)
	require.Equal(t, "0.800000 close(3)", made[len(made)-1])
}

// A story is played with the lines of the profile that tells it, and as far as it
// is asked to be.
func TestStoryTelling(t *testing.T) {
	text := `--hosts=client,server
--profiles=rfc9293,rfc793
        +0  client socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
@rfc793 +.1 client close(3) = 0
`
	made, _ := calls(t, text, Config{Telling: "rfc793"})
	require.Len(t, made, 2)
	made, o := calls(t, text, Config{Until: fsm.Time(3 * time.Second)})
	require.Len(t, made, 1)
	require.Equal(t, "3.000000", o.Virtual.String())
}

// The library's stories hold under their own profiles, so nothing changes when
// they are played without being checked.
func TestStoryOfLibrary(t *testing.T) {
	for _, s := range Library() {
		profiles, err := Runs(s.Script, Config{})
		require.NoError(t, err)
		for _, p := range profiles {
			sent := [2][]string{}
			var end fsm.Time
			for i := range sent {
				o := PlayUnder(s.Script, p, Config{Story: i == 1, Attach: func(n *sim.Network, _ Run) error {
					n.Listen(func(r *sim.Record) {
						if i == 0 || r.At < end {
							sent[i] = append(sent[i], r.At.String()+" "+r.Packet.Seg.String())
						}
					}, sim.Sent)
					return nil
				}})
				require.Equal(t, Pass, o.Status, "%s@%s: %s", s.Name, p, o.Message)
				end = o.Virtual
			}
			require.GreaterOrEqual(t, len(sent[0]), len(sent[1]), "%s@%s", s.Name, p)
			require.Equal(t, sent[1], sent[0][:len(sent[1])], "%s@%s", s.Name, p)
		}
	}
}

// A story that Winsock's lines tell is played where there is no Winsock: its names
// of errors are expectations, and closesocket() is close().
func TestStoryInWinsocksWords(t *testing.T) {
	const text = `--hosts=client,server
+0  client socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+.1 client connect(3, {server:80}, ...) = -1 WSAECONNREFUSED
+1  client closesocket(3) = 0
`
	made, o := calls(t, text, Config{})
	require.Equal(t, Pass, o.Status, o.Message)
	require.Equal(t, []string{
		"0.000000 socket(..., SOCK_STREAM, IPPROTO_TCP)",
		"0.100000 connect(3, {server:80}, ...)",
		"1.100000 closesocket(3)",
	}, made)

	s, err := script.Parse("winsock.pkt", []byte(text))
	require.NoError(t, err)
	require.Equal(t, Error, PlayUnder(s, "rfc9293", Config{}).Status, "a test of it is not")
}
