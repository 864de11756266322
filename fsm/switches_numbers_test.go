package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What Linux goes by: numbers, at the edges of the window and behind a FIN.

func linuxEdges(p *Profile) { p.EdgesAccepted = true }

// EV-1: what ends where the last ACK has it is accepted: its ACK counts. So is what begins
// at the right edge.
func TestEdgesAccepted(t *testing.T) {
	tc := newTestConn(t, LastAck, change(linuxEdges))
	tc.recv(fin(1, 2)) // again, with an ACK of ours
	tc.wantFired("lastack-fin-acked")
	tc.wantResult(OK)
	tc.wantState(Closed)

	tc = newTestConn(t, FinWait1, change(linuxEdges))
	tc.recv(text(1, 10, 1))
	tc.forget()
	tc.recv(text(1, 10, 2)) // again
	tc.wantFired("finwait1-fin-acked", "text-old")
	tc.wantResult(OK)
	tc.wantSent(ack(2, 11))
	tc.wantState(FinWait2)
	tc.recv(text(1, 9, 2)) // but not what ends before
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(2, 11))
	tc.wantDropped()

	for _, seq := range []Seq{1 + testBuffer, 2 + testBuffer} {
		tc = newTestConn(t, Established, change(linuxEdges))
		tc.recv(rst(seq))
		if seq == 1+testBuffer {
			tc.wantFired("rst-inexact-challenged")
			tc.wantSent(ack(1, 1))
		} else {
			tc.wantFired("seq-unacceptable-rst")
		}
		tc.wantDropped()
	}
}

// Text that goes beyond the right edge is taken if the user has read all, else none of it.
func TestTextAcrossEdge(t *testing.T) {
	over := text(testBuffer-50, 100, 1)
	tc := newTestConn(t, Established, sack, change(linuxEdges))
	tc.recv(over)
	tc.wantFired("text-behind-gap")
	tc.wantHeld(Range{testBuffer - 50, testBuffer + 50})
	tc.wantSent(reporting(ack(1, 1), Range{testBuffer - 50, testBuffer + 50}))

	tc = newTestConn(t, Established, sack, change(linuxEdges))
	tc.recv(text(1, 10, 1))
	tc.forget()
	tc.recv(over)
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 11))
	tc.wantDropped()
}

// An embryo has a window and no more: what is empty at its right edge is in it, what ends
// at the left is not.
func TestEdgesOfEmbryo(t *testing.T) {
	tc := newTestConn(t, SynReceived, change(linuxEdges))
	tc.recv(rst(1 + testBuffer))
	tc.wantFired("rst-inexact-challenged")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
	tc.recv(fin(0, 1))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 1))
	tc.wantDropped()
}

// An embryo looks at the ACK first: a wrong one draws a RST wherever the segment lies, and
// whatever else it is; the handshake goes on.
func TestEmbryoAckUnacceptable(t *testing.T) {
	tc := newTestConn(t, SynReceived, with(EmbryoAckFirst))
	for _, seg := range []Segment{ack(5000, 7), synAck(0, 7), fin(1, 7), ack(1, 0)} {
		tc.recv(seg)
		tc.wantFired("embryo-ack-unacceptable")
		tc.wantSent(rst(seg.Ack))
		tc.wantDropped()
	}
	tc.recv(rstAck(1, 7))
	tc.wantFired("embryo-ack-unacceptable")
	tc.wantDropped()
	tc.recv(ack(1, 1))
	tc.wantFired("synrcvd-ack")
	tc.wantState(Established)
}

// A segment without an ACK is none of the connection's, wherever it lies; a RST or a SYN
// may be without.
func TestAcklessDropped(t *testing.T) {
	for _, s := range []State{Established, FinWait1, CloseWait, LastAck} {
		tc := newTestConn(t, s, with(AcklessDropped))
		for _, seg := range []Segment{{Seq: 9000}, {Seq: 1, Len: 10}, {Seq: 9000, Flags: FIN}} {
			tc.recv(seg)
			tc.wantFired("ackless-dropped")
			tc.wantDropped()
		}
		tc.recv(rst(tc.tcb.RcvNxt - tc.irs))
		require.Equal(t, Closed, tc.tcb.State)
		tc.forget()
	}
}

// A held FIN is a number that may come to be text: then the FIN was none.
func TestHeldFinCovered(t *testing.T) {
	covered := change(func(p *Profile) { p.HeldFinCovered = true })
	for _, n := range []uint16{11, 50} {
		tc := newTestConn(t, Established, covered)
		tc.recv(fin(11, 1))
		tc.forget()
		tc.recv(text(1, n, 1))
		tc.wantFired("text-in-order")
		tc.wantText(uint32(n))
		tc.wantSent(ack(1, 1+Seq(n)))
		require.False(t, tc.tcb.Holding())
		tc.recv(fin(1+Seq(n), 1))
		tc.wantFired("fin-established")
		tc.wantResult(ClosingError)
		tc.wantSent(ack(1, 2+Seq(n)))
		tc.wantState(CloseWait)
	}
	tc := newTestConn(t, Established, covered)
	tc.recv(fin(11, 1))
	tc.forget()
	tc.recv(text(1, 10, 1)) // what fills the gap takes the FIN with it
	tc.wantFired("text-in-order", "fin-established")
	tc.wantText(10)
	tc.wantResult(ClosingError)
	tc.wantSent(ack(1, 12))
	tc.wantState(CloseWait)

	tc = newTestConn(t, Established, sack, with(SackFin), covered)
	tc.recv(text(201, 10, 1))
	tc.forget()
	tc.recv(fin(101, 1)) // both are held
	tc.wantFired("fin-behind-gap")
	tc.wantSent(reporting(ack(1, 1), Range{101, 102}, Range{201, 211}))
}

// Once nobody is left to read, a FIN behind a gap tells that something is lost.
func TestFinBehindGapAfterClose(t *testing.T) {
	for _, s := range []State{FinWait1, FinWait2} {
		tc := newTestConn(t, s, with(NumbersAfterClose))
		tc.recv(fin(2, 2))
		tc.wantFiredLast("fin-behind-gap") // the user may read yet
		tc.forget()
		tc = newTestConn(t, s, with(NumbersAfterClose))
		tc.call(Set(Detach, 1))
		tc.forget()
		tc.recv(fin(2, 2))
		tc.wantFiredLast("fin-behind-gap-after-close")
		tc.wantSent(rst(2))
		tc.forget()
		require.Equal(t, Closed, tc.tcb.State)
	}
}

// Behind the peer's FIN there is nothing: a FIN there is dropped, and so is the rest of
// what acknowledges our FIN in CLOSING. Text from before the FIN is acknowledged again.
func TestFinBeyond(t *testing.T) {
	for _, s := range []State{CloseWait, Closing, LastAck} {
		tc := newTestConn(t, s, with(NumbersAfterClose))
		tc.recv(fin(2, 1))
		tc.wantFired("fin-beyond")
		tc.wantDropped()
		tc.wantNoneSent()
		tc.wantState()
	}
}

func TestClosingFinAckedAlone(t *testing.T) {
	tc := newTestConn(t, Closing, with(NumbersAfterClose))
	tc.recv(fin(2, 2))
	tc.wantFired("closing-fin-acked-alone")
	tc.wantResult(OK)
	tc.wantNoneSent()
	tc.wantState(TimeWait)
}

func TestTextBeforeFin(t *testing.T) {
	tc := newTestConn(t, Established, with(NumbersAfterClose), change(linuxEdges))
	tc.recv(textFin(1, 10, 1))
	tc.forget()
	tc.recv(text(2, 10, 1)) // it ends with the FIN's number
	tc.wantFired("text-before-fin")
	tc.wantSent(ack(1, 12))
	tc.wantDropped()
}

// A FIN with an old number passes where the edges do, and means nothing.
func TestFinOld(t *testing.T) {
	tc := newTestConn(t, Established, change(linuxEdges))
	tc.recv(fin(0, 1))
	tc.wantFired("fin-old")
	tc.wantSent(ack(1, 1))
	tc.wantState()
}

// Where the SYNs have crossed, an ACK of nothing completes the handshake too.
func TestSynrcvdAckOfNothingCrossed(t *testing.T) {
	tc := newActiveSynReceived(t, with(CrossedSynAcked))
	tc.recv(ack(1, 0))
	tc.wantFired("synrcvd-ack-of-nothing-crossed")
	tc.wantState(Established)

	tc = newTestConn(t, SynReceived, with(CrossedSynAcked))
	tc.recv(ack(1, 0))
	tc.wantFired("synrcvd-ack-unacceptable")
	tc.wantSent(rst(0))
	tc.wantDropped()
}

// The crossing FIN is acknowledged by itself, before what its window lets go.
func TestFinAckApart(t *testing.T) {
	for _, apart := range []bool{true, false} {
		tc := newTestConn(t, Established, with(FinStateEager), change(func(p *Profile) { p.FinAckApart = apart }))
		tc.recvWindow(ack(1, 1), 0)
		tc.call(Close())
		tc.forget()
		tc.recv(fin(1, 1))
		tc.wantFired("finwait1-fin")
		tc.wantResult(ClosingError)
		if apart {
			tc.wantSent(ack(1, 2), fin(1, 2))
		} else {
			tc.wantSent(fin(1, 2))
		}
		tc.wantState(Closing)
	}
}

// The ACK of a FIN that brings text may wait for ours as that of a FIN alone may.
func TestFinAckDelayWithText(t *testing.T) {
	tc := newTestConn(t, Established, change(func(p *Profile) { p.FinAckDelay, p.QuickAcks = 40*ms, 16 }))
	tc.recv(textFin(1, 10, 1))
	tc.wantFired("text-in-order", "fin-established")
	tc.wantText(10)
	tc.wantResult(ClosingError)
	tc.wantNoneSent()
	tc.wantState(CloseWait)
	require.Equal(t, 40*ms, tc.until())
	tc.wantFired("delayed-ack")
	tc.wantSent(ack(1, 12))
}

// RFC 2883 4: the first block of the ACK tells what came twice.
func TestDSACK(t *testing.T) {
	on := change(func(p *Profile) { p.DSACK = true })
	tc := newTestConn(t, Established, sack, on)
	tc.recv(text(1, 10, 1))
	tc.forget()
	tc.recv(text(1, 10, 1))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(reporting(ack(1, 11), Range{1, 11}))
	tc.wantDropped()
	tc.recv(text(21, 10, 1))
	tc.wantFired("text-behind-gap")
	tc.wantSent(reporting(ack(1, 11), Range{21, 31}))
	tc.wantHeld(Range{21, 31})
	tc.recv(text(6, 5, 1))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(reporting(ack(1, 11), Range{6, 11}, Range{21, 31}))
	tc.wantDropped()

	tc = newTestConn(t, CloseWait, sack, on)
	tc.recv(fin(1, 1))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(reporting(ack(1, 2), Range{1, 2}))
	tc.wantDropped()

	tc = newTestConn(t, CloseWait, sack)
	tc.recv(fin(1, 1))
	tc.wantFired("seq-unacceptable")
	tc.wantSent(ack(1, 2))
	tc.wantDropped()
}

// RFC 2883 4: of what is held the first part that came again is told, before the block in
// which it lies.
func TestDSACKOfHeld(t *testing.T) {
	for _, c := range []struct{ again, twice, held Range }{
		{Range{21, 31}, Range{21, 31}, Range{21, 31}},
		{Range{16, 26}, Range{21, 26}, Range{16, 31}},
		{Range{26, 36}, Range{26, 31}, Range{21, 36}},
		{Range{11, 66}, Range{21, 31}, Range{11, 71}},
		{Range{31, 41}, Range{}, Range{21, 41}},
	} {
		tc := newTestConn(t, Established, sack, change(func(p *Profile) { p.DSACK = true }))
		tc.recv(text(61, 10, 1))
		tc.recv(text(21, 10, 1))
		tc.forget()
		tc.recv(text(c.again.Lo, uint16(c.again.Hi.Sub(c.again.Lo)), 1))
		blocks := []Range{c.held}
		if c.twice != (Range{}) {
			blocks = []Range{c.twice, c.held}
		}
		if c.held.Hi < 61 {
			blocks = append(blocks, Range{61, 71})
		}
		tc.wantFired("text-behind-gap")
		tc.wantSent(reporting(ack(1, 1), blocks...))
		tc.forget()
	}
}

// RFC 2883 4: it is told once, with the ACK of what was new in the segment; at once where
// the profile says so, else that ACK may wait. The peer's FIN ends it.
func TestDSACKWaits(t *testing.T) {
	for _, atOnce := range []bool{true, false} {
		tc := newTestConn(t, Established, sack, change(func(p *Profile) {
			p.DSACK, p.DSACKAtOnce, p.DelayedAck = true, atOnce, 200*ms
		}))
		tc.recv(text(1, 10, 1))
		tc.until()
		tc.forget()
		tc.recv(text(6, 10, 1))
		if !atOnce {
			tc.wantNoneSent()
			tc.until()
		}
		tc.wantSent(reporting(ack(1, 16), Range{6, 11}))
		tc.forget()
		tc.recv(text(11, 10, 1))
		tc.recv(fin(21, 1))
		tc.forget()
		tc.recv(ack(1, 1))
		tc.wantSent(reporting(ack(1, 22)))
		tc.forget()
	}
}

// What is held is told on every segment, and takes room in it.
func TestSackOnAll(t *testing.T) {
	tc := newTestConn(t, Established, sack, change(func(p *Profile) { p.SackOnAll = true }))
	tc.recv(text(11, 10, 1))
	tc.forget()
	tc.call(Send(100))
	tc.wantFired("send-text")
	block := Range{11, 21}
	tc.wantSent(reporting(more(1, 88, 1), block))
	tc.recv(ack(1, 89))
	tc.wantSent(reporting(text(89, 12, 1), block))
	tc.forget()
	tc.call(Abort())
	tc.wantFired("abort-reset")
	tc.wantSent(reporting(rst(101), block))
	tc.wantResult(OK, ResetError)
	tc.wantState(Closed)
}

// What came twice takes room too, until it is told.
func TestTwiceTakesRoom(t *testing.T) {
	tc := newTestConn(t, Established, sack, change(func(p *Profile) { p.DSACK, p.SackOnAll, p.DelayedAck = true, true, 200*ms }))
	tc.recv(text(1, 10, 1))
	tc.until()
	tc.recv(text(6, 10, 1))
	tc.forget()
	tc.call(Send(200))
	tc.wantSent(reporting(more(1, 88, 16), Range{6, 11}), more(89, 100, 16))
	tc.forget()
}

// A user that leaves takes what was to be told along, and the ACK that waits.
func TestAloneTellsNothing(t *testing.T) {
	tc := newTestConn(t, FinWait2, sack, with(FinWait2Alone), change(func(p *Profile) { p.DSACK, p.DelayedAck = true, 200*ms }))
	tc.recv(text(1, 10, 2))
	tc.until()
	tc.recv(text(6, 10, 2))
	tc.call(Receive(15))
	tc.forget()
	tc.call(Set(Detach, 1))
	tc.pass(time.Second)
	tc.wantNoneSent()
	tc.forget()
}
