package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// Who listens to some kinds gets those; who names none gets all; each gets them
// in order.
func TestListen(t *testing.T) {
	for k := Fired; k <= Noted; k++ {
		tn := newTestNet(t)
		var only, all []RecordKind
		tn.Network.Listen(func(r *Record) { only = append(only, r.Kind) }, k)
		tn.Network.Listen(func(r *Record) { all = append(all, r.Kind) })
		chatter(tn)
		require.NotEmpty(t, only, "kind %d", k)
		for _, got := range only {
			require.Equal(t, k, got)
		}
		require.Len(t, only, countOf(all, k))
	}
}

// chatter makes a run that has records of every kind.
func chatter(tn *testNet) {
	tn.Fault(Fault{Verb: Drop, Host: tn.client.host.id, Text: WithText, Nth: 1, Count: 1})
	tn.Fault(Fault{Verb: Delay, Host: tn.client.host.id, Set: fsm.FIN, Nth: 1, Count: 1, By: testDelay})
	cfd, sfd := tn.connected()
	tn.Note(tn.client.host.id, "a remark")
	tn.client.send(cfd, 5)
	r := tn.server.recv(sfd, 10)
	tn.pass(3 * time.Second)
	tn.want(r, "5 after 1.01s")
	tn.client.close(cfd)
	tn.pass(time.Second)
	tn.Inject(Packet{From: tn.client.at(9), To: tn.server.at(9), Seg: fsm.Segment{Flags: fsm.RST}})
	tn.advise("source_quench", "", tn.client.at(9), tn.server.at(9), 0)
}

func countOf(kinds []RecordKind, k RecordKind) int {
	n := 0
	for _, got := range kinds {
		if got == k {
			n++
		}
	}
	return n
}

// Without a listener no record is made, and the run is the same.
func TestNobodyListens(t *testing.T) {
	run := func(listens bool) (fsm.Time, uint64) {
		n, p, server := quietPair(3)
		if listens {
			n.Listen(func(*Record) {})
		}
		fd := p.Call(&Call{Op: OpSocket}).Result
		p.Call(&Call{Op: OpConnect, FD: fd, Addr: server})
		require.NoError(t, n.Run(fsm.Never, testEvents))
		return n.Now(), n.Steps()
	}
	at, steps := run(false)
	at2, steps2 := run(true)
	require.Equal(t, at, at2)
	require.Equal(t, steps, steps2)
}

// quietPair is a network to which nobody listens, a process, and where a server
// would be.
func quietPair(seed uint64) (*Network, *Process, Endpoint) {
	n := New(Config{Seed: seed, Link: Link{Delay: testDelay}})
	p := n.AddHost("a", RFC9293(), clientAddr).Process("")
	b := n.AddHost("b", RFC9293(), serverAddr)
	return n, p, Endpoint{b.addrs[0], 80}
}

// A turn is one event and all that follows from it; its records have one number,
// and come at one instant.
func TestTurns(t *testing.T) {
	tn := newTestNet(t)
	chatter(tn)
	at := map[uint64]fsm.Time{}
	causes := map[uint64]int{}
	last := uint64(0)
	for _, r := range tn.log {
		require.GreaterOrEqual(t, r.Turn, last)
		last = r.Turn
		if when, ok := at[r.Turn]; ok {
			require.Equal(t, when, r.At)
		}
		at[r.Turn] = r.At
		if r.Kind == Arrived || r.Kind == Called || r.Kind == Noted {
			causes[r.Turn]++
		}
	}
	for turn, n := range causes {
		require.Equal(t, 1, n, "turn %d", turn)
	}
}

// What a record says of a segment, of a state and of a call.
func TestRecords(t *testing.T) {
	tn := inState(t, fsm.Established)
	tn.peer("F. 1:1(0) ack 1")
	arrived, moved, sent := tn.records(Arrived)[0], tn.records(Moved)[0], tn.records(Sent)[0]
	conn := arrived.Conn
	require.NotZero(t, conn)
	require.True(t, arrived.Packet.Forged)
	require.Equal(t, fsm.Established, arrived.From)
	require.Equal(t, [2]fsm.State{fsm.Established, fsm.CloseWait}, [2]fsm.State{moved.From, moved.To})
	require.Equal(t, "fin-established", moved.Rule.String())
	require.Equal(t, [2]fsm.State{fsm.Established, fsm.CloseWait}, [2]fsm.State{sent.From, sent.To})
	require.Equal(t, "fin-established", sent.Rule.String())
	require.Equal(t, [2]ConnID{conn, conn}, [2]ConnID{moved.Conn, sent.Conn})
	require.Equal(t, []uint64{arrived.Turn, arrived.Turn}, []uint64{moved.Turn, sent.Turn})
	require.Equal(t, fsm.ClosingError, tn.records(Signalled)[0].Result)
	require.Equal(t, []fsm.State{fsm.Established, fsm.CloseWait}, []fsm.State{sent.Packet.FromState, sent.Packet.ToState})

	tn.forget()
	tn.want(tn.client.recv(3, 1), "0")
	called, returned := tn.records(Called)[0], tn.records(Returned)[0]
	require.Same(t, called.Call, returned.Call)
	require.Equal(t, OpRecv, called.Call.Op)

	// A segment for nobody: the CLOSED state of the host answers it.
	tn.Inject(Packet{From: tn.peerEnd(), To: tn.client.at(9), Seg: fsm.Segment{Flags: fsm.ACK, Seq: 5, Ack: 7}})
	rst := tn.records(Sent)[0]
	require.Zero(t, rst.Conn)
	require.Equal(t, fsm.Closed, rst.From)
	require.Equal(t, fsm.Seq(7), rst.Packet.Seg.Seq)
	tn.forget()
}

// Numbers of packets count up; a packet that arrives has the number under which it
// was sent.
func TestPacketNumbers(t *testing.T) {
	tn := newTestNet(t)
	chatter(tn)
	last := uint64(0)
	sent := map[uint64]bool{}
	for _, r := range tn.log {
		switch r.Kind {
		case Sent:
			require.Greater(t, r.Packet.Number, last)
			last = r.Packet.Number
			sent[last] = true
		case Arrived, Lost, Held:
			require.Equal(t, !r.Packet.Forged, sent[r.Packet.Number])
		default:
		}
	}
}

// OnReturn hears of every call that has blocked, when it returns, and of no other.
func TestOnReturn(t *testing.T) {
	tn := inState(t, fsm.Established)
	var back []*Call
	tn.OnReturn(func(c *Call) { back = append(back, c) })
	tn.client.recv(3, 1, MsgDontWait)
	a := tn.client.recv(3, 1)
	b := tn.client.recv(3, 5)
	require.Empty(t, back)
	tn.peer("P. 1:6(5) ack 1")
	require.Equal(t, []*Call{a, b}, back)
}

// A call that a returning call makes takes its turn behind those that are being
// woken.
func TestCallsFromOnReturn(t *testing.T) {
	tn := inState(t, fsm.Established)
	var order []string
	tn.OnReturn(func(c *Call) {
		order = append(order, string(c.Got))
		if len(order) < 3 {
			next := tn.client.recv(3, 2)
			order = append(order, "then "+string(next.Got))
		}
	})
	tn.client.recv(3, 2)
	tn.peer("P. 1:6(5) ack 1")
	require.Equal(t, []string{"ab", "then cd"}, order)
}

// A program hears of what happens to the sockets of its process, and makes calls.
func TestProgram(t *testing.T) {
	tn := newTestNet(t)
	tn.server.listener(5)
	tn.server.Drive(&echo{})
	fd := tn.client.socket()
	tn.client.connect(fd, tn.server.at(testPort))
	tn.pass(3 * testDelay)
	tn.want(tn.client.say(fd, "hello"), "5")
	tn.pass(3 * testDelay)
	tn.wantText(tn.client.recv(fd, 99), "hello")
	tn.want(tn.client.close(fd), "0")
	tn.settle()
	tn.want(tn.server.close(3), "0")
	require.NoError(t, empty(tn.Network))
}

// echo is a server that sends back what it reads, and closes when its client has.
type echo struct{}

func (echo) Happened(p *Process, fd int) {
	if fd == firstFD {
		p.Call(&Call{Op: OpAccept, FD: fd, Flags: MsgDontWait})
		return
	}
	switch c := p.Call(&Call{Op: OpRecv, FD: fd, N: 1000, Flags: MsgDontWait}); {
	case c.Result > 0:
		p.Call(&Call{Op: OpSend, FD: fd, N: c.Result, Data: c.Got})
	case c.Result == 0:
		p.Call(&Call{Op: OpClose, FD: fd})
	}
}
