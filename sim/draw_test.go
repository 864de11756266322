package sim

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// story is a short run with something of everything that a ladder shows: calls
// that return at once and later, text, a loss, a segment that is held back, one
// that is forged, a reset, and its signal.
func story(t *testing.T, follow func(n *Network)) {
	tn := newTestNet(t)
	follow(tn.Network)
	s, c := tn.server, tn.client
	s.Call(&Call{Op: OpSocket, Text: "socket(AF_INET, SOCK_STREAM, 0)"})
	s.bind(3, Endpoint{Port: testPort})
	s.listen(3, 1)
	c.socket()
	c.bind(3, Endpoint{Port: 1000})
	c.connect(3, s.at(testPort))
	tn.pass(3 * testDelay)
	s.accept(3)
	tn.Fault(Fault{Verb: Drop, Host: c.host.id, Text: WithText, Nth: 1, Count: 1})
	c.Call(&Call{Op: OpSend, FD: 3, N: 5, Text: `write(3, "hello", 5)`, Data: []byte("hello")})
	s.recv(4, 100)
	tn.pass(time.Second + 3*testDelay)
	tn.Inject(Packet{From: s.at(testPort), To: c.at(1000), SeqBase: tn.conns.at(tn.demux.get(tuple{s.at(testPort), c.at(1000)})).ISS,
		Seg: fsm.Segment{Flags: fsm.RST, Seq: 0}})
	s.linger(4, true, 0)
	s.close(4)
	tn.pass(2 * testDelay)
	c.recv(3, 1)
}

func TestLadder(t *testing.T) {
	var l *Ladder
	story(t, func(n *Network) { l = NewLadder(n) })
	t.Log("\n" + l.String())
}

func TestMermaid(t *testing.T) {
	var l *Ladder
	story(t, func(n *Network) { l = NewLadder(n) })
	var b strings.Builder
	require.NoError(t, l.Mermaid(&b))
	t.Log("\n" + b.String())
}

func TestRunLog(t *testing.T) {
	var l *RunLog
	story(t, func(n *Network) { l = NewRunLog(n) })
	var b strings.Builder
	require.NoError(t, l.Write(&b, map[string]any{"script": "story"}))
	t.Log("\n" + b.String())
}
