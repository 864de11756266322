package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// tape is the input of a fuzz run: each choice takes its next octets, zeros when
// it is at its end.
type tape []byte

func (b *tape) octet() int {
	if len(*b) == 0 {
		return 0
	}
	c := (*b)[0]
	*b = (*b)[1:]
	return int(c)
}

func (b *tape) below(n int) int { return (b.octet()<<8 | b.octet()) % n }

// player makes the calls that a tape says, of all kinds and in any order, forges
// segments and cuts the power: whatever comes of it, the tables of the network
// agree with each other, and nothing is left when all hosts are gone.
type player struct {
	*tape
	n *Network
}

// FuzzRun plays a network by the octets of its input.
func FuzzRun(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x01\x00\x00\x01\x01\x02\x01\x00\x01\x01\x00\x03\x00\x00\x04\x00\x01"))
	for s := range uint64(8) {
		c := Seeded(s)
		b := make([]byte, 600)
		for i := range b {
			b[i] = byte(c.Choose(0, 256))
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		require.True(t, slices.Equal(play(t, b), play(t, b)), "a run is played the same twice")
	})
}

// play gives the segments of a run.
func play(t *testing.T, b []byte) (sent []fsm.Segment) {
	if len(b) > 800 { // some hundred calls
		b = b[:800]
	}
	p := &player{tape: (*tape)(&b)}
	sys, _ := Profile(Profiles()[p.octet()%len(Profiles())])
	sys.TCP.RcvBuf, sys.TCP.SndBuf = 3000, 3000
	sys.PortLo, sys.PortHi, sys.Descriptors = 80, 83, 9
	sys.LingerBlocks = p.octet()%2 == 1
	flawed := float64(p.octet()%4) / 10
	p.n = New(Config{Link: Link{Delay: testDelay, Loss: flawed, Duplication: flawed, Reordering: flawed}})
	p.n.AddHost("client", sys, clientAddr, clientAddr6)
	p.n.AddHost("server", sys, serverAddr, serverAddr6)
	p.n.Listen(func(r *Record) { sent = append(sent, r.Packet.Seg) }, Sent)
	for len(*p.tape) > 0 {
		p.step()
		require.NoError(t, sound(p.n))
	}
	for _, h := range p.n.hosts {
		h.Crash()
	}
	require.NoError(t, p.n.Run(fsm.Never, 10_000))
	require.NoError(t, empty(p.n))
	return sent
}

func (p *player) step() {
	h := p.n.hosts[p.octet()%2]
	proc := h.procs[p.octet()%len(h.procs)]
	switch k := p.octet(); k % 32 {
	case 17, 18, 19, 20, 21:
		p.userCall(proc, k)
	case 22:
		h.Crash()
	case 23:
		if len(h.procs) < 4 {
			proc.Fork("child")
		}
	case 24:
		proc.Exit()
	case 25:
		p.n.Down(p.octet()%2 == 1)
	case 26, 27, 28:
		p.forge(h)
	case 29, 30, 31: // an endless exchange, which forged segments may begin, is cut short
		_ = p.n.Run(p.n.Now().Add(time.Duration(p.below(3000))*time.Millisecond<<(p.octet()%10)), 200)
	default:
		p.call(proc, Op(k%32))
	}
}

func (p *player) fd() int { return firstFD - 1 + p.octet()%8 }

func (p *player) end() Endpoint {
	return Endpoint{AddrID(p.octet() % len(p.n.book.addrs)), uint16([]int{0, 80, 81, 82}[p.octet()%4])}
}

// call makes a system call.
func (p *player) call(proc *Process, op Op) {
	c := &Call{Op: op, FD: p.fd()}
	switch op {
	case OpBind:
		c.Addr = p.end()
	case OpConnect:
		c.Addr, c.Unspec = p.end(), p.octet()%8 == 0
	case OpListen:
		c.Backlog = p.octet()%4 - 1
	case OpSend, OpRecv:
		c.N, c.Flags = p.below(5000), MsgFlags(p.octet())
		if p.octet()%2 == 1 && op == OpSend {
			c.Data = make([]byte, c.N)
		}
	case OpShutdown:
		c.How = How(p.octet() % 3)
	case OpSetsockopt, OpGetsockopt:
		c.Option, c.Value = Option(p.octet()%int(numOptions)), p.below(5000)-1
		c.Linger = Linger{p.octet()%2 == 1, uint16(p.octet() % 4)}
	case OpSocket, OpSetFlags:
		c.Nonblock = p.octet()%2 == 1
	case OpPoll:
		c.Timeout = time.Duration(p.octet()-1) * time.Second
		for range p.octet() % 4 {
			c.Poll = append(c.Poll, PollFD{FD: p.fd(), Events: PollIn | PollOut})
		}
	case OpAccept, OpClose, OpGetFlags, OpUnread, OpUnsent, OpDup:
	}
	proc.Call(c)
}

// userCall makes a call of RFC 9293 3.9.1.
func (p *player) userCall(proc *Process, k int) {
	fd := p.fd()
	switch k % 32 {
	case 17:
		proc.Open(fd, p.octet()%2 == 1, p.end())
	case 18:
		proc.Send(fd, uint32(p.below(5000)), p.end())
	case 19:
		proc.Receive(fd, uint32(p.below(5000)))
	case 20:
		proc.Close(fd)
	default:
		if p.octet()%2 == 1 {
			proc.Abort(fd)
		}
		proc.Status(fd)
	}
}

// forge lets a segment reach a host, about a connection that it has or about any.
func (p *player) forge(h *Host) {
	q := Packet{From: p.end(), To: Endpoint{h.addrs[p.octet()%2], 80}, Text: PatternText(0)}
	seq, ack := fsm.Seq(0), fsm.Seq(0)
	if k := inUse(&p.n.conns); len(k) > 0 && p.octet()%4 > 0 {
		c := p.n.conns.at(k[p.octet()%len(k)])
		if c.at.whole() {
			q.From, q.To, seq, ack = c.at.remote, c.at.local, c.RcvNxt, c.SndNxt
		}
	}
	q.Seg = fsm.Segment{
		Flags: fsm.Flags(p.octet()), Seq: seq.Add(uint32(p.below(64)) - 32), Ack: ack.Add(uint32(p.octet()%8) - 4),
		Wnd: uint16(p.below(4000)), Len: uint16(p.octet()),
	}
	p.n.Inject(q)
}
