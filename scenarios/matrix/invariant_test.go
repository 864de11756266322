package matrix

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// fakeRun is a run that is made up, to see that the checker finds what is wrong
// with it.
type fakeRun struct {
	w    *world
	turn uint64
}

func newFakeRun(t *testing.T, cell string) *fakeRun {
	t.Helper()
	c, ok := find(cell)
	require.True(t, ok, cell)
	w, err := newWorld(c)
	require.NoError(t, err)
	return &fakeRun{w: w}
}

func (f *fakeRun) record(h who, r sim.Record) {
	r.Host, r.Turn = sim.HostID(h), f.turn
	if r.Packet.Conn == 0 && r.Kind == sim.Sent {
		r.Packet.Conn = sim.ConnID(h) + 1
	}
	r.Conn = sim.ConnID(h) + 1
	f.w.check.record(f.w, &r)
}

// sends makes a host send a segment in a turn of its own.
func (f *fakeRun) sends(h who, s fsm.Segment) {
	f.turn++
	f.record(h, sim.Record{Kind: sim.Sent, Packet: sim.Packet{Seg: s}})
}

// answers makes a host send a segment in the turn in which another arrives.
func (f *fakeRun) answers(h who, in, s fsm.Segment) {
	f.arrives(h, in)
	f.record(h, sim.Record{Kind: sim.Sent, Packet: sim.Packet{Seg: s}})
}

func (f *fakeRun) arrives(h who, in fsm.Segment) {
	f.turn++
	f.record(h, sim.Record{Kind: sim.Arrived, Packet: sim.Packet{Seg: in}})
}

func (f *fakeRun) moves(h who, states ...fsm.State) {
	for i := 1; i < len(states); i++ {
		f.turn++
		f.record(h, sim.Record{Kind: sim.Moved, From: states[i-1], To: states[i]})
	}
}

// What is wrong is found, and by its invariant.
func TestChecker(t *testing.T) {
	const (
		cell = "established-close-lingern-blocking-nothing-never@rfc9293"
		ack  = fsm.ACK
		fin  = fsm.FIN | fsm.ACK
	)
	for _, c := range []struct {
		want string
		run  func(*fakeRun)
	}{
		{"INV-04: local sends a second FIN", func(f *fakeRun) {
			f.sends(local, fsm.Segment{Seq: 1, Flags: fin})
			f.sends(local, fsm.Segment{Seq: 2, Flags: fin})
		}},
		{"INV-05: local sends text beyond its FIN", func(f *fakeRun) {
			f.sends(local, fsm.Segment{Seq: 1, Flags: fin})
			f.sends(local, fsm.Segment{Seq: 1, Len: 1, Flags: ack})
		}},
		{"INV-09: peer is in FIN-WAIT-2", func(f *fakeRun) {
			f.sends(peer, fsm.Segment{Seq: 1, Flags: fin})
			f.arrives(peer, fsm.Segment{Ack: 1, Flags: ack})
			f.moves(peer, fsm.FinWait1, fsm.FinWait2)
		}},
		{"INV-10: local goes from ESTABLISHED to LAST-ACK", func(f *fakeRun) { f.moves(local, fsm.Established, fsm.LastAck) }},
		{"INV-11: local is in TIME-WAIT", func(f *fakeRun) {
			f.moves(local, fsm.Established, fsm.CloseWait, fsm.LastAck, fsm.TimeWait)
		}},
		{"INV-12: local is in LAST-ACK", func(f *fakeRun) { f.moves(local, fsm.CloseWait, fsm.LastAck) }},
		{"INV-13: both ends", func(f *fakeRun) {
			f.moves(local, fsm.Established, fsm.CloseWait, fsm.LastAck)
			f.moves(peer, fsm.Established, fsm.CloseWait, fsm.LastAck)
		}},
		{"INV-15: local is in TIME-WAIT for 0s, less than 4m0s", func(f *fakeRun) {
			f.moves(local, fsm.FinWait2, fsm.TimeWait, fsm.Closed)
		}},
		{"INV-16: peer answers a RST", func(f *fakeRun) {
			f.answers(peer, fsm.Segment{Seq: 1, Flags: fsm.RST}, fsm.Segment{Flags: fsm.RST | ack, Ack: 1})
		}},
		{"INV-17: local sends R 5:5(0), and has sent up to 1", func(f *fakeRun) {
			f.sends(local, fsm.Segment{Flags: fsm.SYN})
			f.sends(local, fsm.Segment{Seq: 5, Flags: fsm.RST})
		}},
		{"INV-17: local sends R 9:9(0)", func(f *fakeRun) {
			f.sends(local, fsm.Segment{Flags: fsm.SYN})
			f.answers(local, fsm.Segment{Seq: 1, Ack: 7, Flags: ack}, fsm.Segment{Seq: 9, Flags: fsm.RST})
		}},
		{"INV-17: peer sends R 1:1(0), which answers nothing", func(f *fakeRun) {
			f.sends(peer, fsm.Segment{Seq: 1, Flags: fsm.RST})
		}},
		{"INV-18: local sends . 1:1(0) ack 1 in CLOSED", func(f *fakeRun) {
			f.sends(local, fsm.Segment{Flags: fsm.SYN})
			f.moves(local, fsm.SynSent, fsm.Closed)
			f.sends(local, fsm.Segment{Seq: 1, Ack: 1, Flags: ack})
		}},
		{"INV-20: peer takes an ACK back", func(f *fakeRun) {
			f.sends(peer, fsm.Segment{Seq: 1, Ack: 9, Flags: ack})
			f.sends(peer, fsm.Segment{Seq: 1, Ack: 8, Flags: ack})
		}},
		{"INV-07: local sends a FIN", func(f *fakeRun) {
			f.w.story.cell.Call = CloseDup
			f.sends(local, fsm.Segment{Seq: 1, Flags: fin})
			f.finish(0)
		}},
		{"INV-14: both FINs", func(f *fakeRun) {
			f.sends(local, fsm.Segment{Seq: 1, Flags: fin})
			f.sends(peer, fsm.Segment{Seq: 1, Flags: fin})
			f.arrives(local, fsm.Segment{Ack: 2, Flags: ack})
			f.arrives(peer, fsm.Segment{Ack: 2, Flags: ack})
			f.finish(0)
		}},
		{"INV-27: linger 0 sends 0 RSTs in ESTABLISHED", func(f *fakeRun) {
			f.w.story.cell.Linger = LingerZero
			f.finish(0)
		}},
		{"INV-28: the call takes 1s", func(f *fakeRun) {
			f.w.story.cell.Linger = LingerOff
			f.finish(time.Second)
		}},
		{"LIV-3: nobody answers", func(f *fakeRun) {
			f.w.state[local] = fsm.FinWait1
			f.finish(0)
		}},
		{"LIV-5: no end", func(f *fakeRun) {
			f.w.err = errors.New("no end")
			f.finish(0)
		}},
		{"LIV-8: the call takes 6s, more than 5s", func(f *fakeRun) { f.finish(6 * time.Second) }},
		{"", func(f *fakeRun) { f.finish(5 * time.Second) }},
	} {
		f := newFakeRun(t, cell)
		c.run(f)
		got := strings.Join(f.w.check.broken, "; ")
		if c.want == "" {
			require.Empty(t, got)
			continue
		}
		require.Contains(t, got, c.want)
	}
}

// finish ends a run whose call has taken a time.
func (f *fakeRun) finish(took time.Duration) {
	f.w.called = true
	call := f.w.story.made.call
	call.Done, call.Started, call.Ended = true, 0, fsm.Time(took)
	f.w.check.finish(f.w, true)
}

// A FIN or an abort behind the RST of the call is found too.
func TestCheckerAbort(t *testing.T) {
	f := newFakeRun(t, "established-close-linger0-blocking-nothing-never@rfc9293")
	f.w.until(f.w.story.made.at)
	f.w.called = true
	f.sends(local, fsm.Segment{Flags: fsm.SYN})
	f.sends(local, fsm.Segment{Seq: 1, Flags: fsm.RST})
	f.sends(local, fsm.Segment{Seq: 1, Flags: fsm.RST})
	f.w.lines = append(f.w.lines, line{seg: fsm.Segment{Seq: 1, Flags: fsm.FIN | fsm.ACK}})
	f.w.paths[local] = path{fsm.Established, fsm.FinWait1}
	f.finish(0)
	got := strings.Join(f.w.check.broken, "; ")
	require.Contains(t, got, "INV-27: the call sends 2 RSTs")
	require.Contains(t, got, "INV-27: the call sends a RST, and the connection goes through ESTABLISHED, FIN-WAIT-1")
	require.Contains(t, got, "INV-27: a FIN follows the RST")
}
