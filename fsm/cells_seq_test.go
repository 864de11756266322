package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What cells claim beside segments, states and words.

func sndUna(n uint32) func(*testConn) {
	return func(tc *testConn) { tc.t.Helper(); require.Equal(tc.t, tc.snd(n), tc.tcb.SndUna, "SND.UNA") }
}

func rcvNxt(n uint32) func(*testConn) {
	return func(tc *testConn) { tc.t.Helper(); require.Equal(tc.t, tc.rcv(n), tc.tcb.RcvNxt, "RCV.NXT") }
}

func sndWnd(n uint32) func(*testConn) {
	return func(tc *testConn) { tc.t.Helper(); require.Equal(tc.t, n, tc.tcb.SndWnd, "SND.WND") }
}

// buffer makes ours hold n octets only, so that our window is soon closed.
func buffer(n uint32) testOption { return change(func(p *Profile) { p.RcvBuf = n }) }

// closedBehindFin brings the end into its state once more, with a window that is
// closed behind the peer's FIN, whose number is 10.
func closedBehindFin(tc *testConn) {
	s := tc.tcb.State
	tc.tcb.Init(&tc.prof, testMSS, false)
	tc.watch = watch{}
	tc.bring(map[State]State{CloseWait: Established, Closing: FinWait1, LastAck: Established, TimeWait: FinWait2}[s])
	tc.fill(9)
	tc.call(Set(RcvBuf, 9))
	tc.recv(fin(10, tc.tcb.SndUna-tc.iss))
	if s == LastAck {
		tc.call(Close())
	}
	require.Zero(tc.t, tc.tcb.RcvWnd)
}

// EV-1: the sequence number (RFC 9293 3.10.7.4, first).
func TestCellsSequence(t *testing.T) {
	old := func(seq Seq) func(*testConn) { return arrives(stamped(text(seq, 10, 1), 999)) }
	paws := having(timestamps(1000))
	n10 := having(buffer(10))
	full := given(call(Send(5)), unread(10))
	runCells(t, (others).Each(), []string{
		"sequence, before the window", "sequence, beyond the window", "sequence, old text", "sequence, RST outside",
		"sequence, EV-1a closed window", "sequence, EV-1e ACK of an unacceptable segment", "sequence, PAWS",
	}, []cell{
		at(SynReceived, "sequence, before the window", arrives(ack(0, 1)), sends(ack(1, 1))),
		at(SynReceived, "sequence, beyond the window", arrives(ack(5000, 1)), sends(ack(1, 1))),
		at(SynReceived, "sequence, old text", arrives(text(0, 1, 1)), sends(ack(1, 1))),
		at(SynReceived, "sequence, old text, EV-1d SYN again", arrives(syn(0)), sends(ack(1, 1))),
		at(SynReceived, "sequence, old text, EV-1d SYN again, SYN,ACK repeated", arrives(syn(0)), sends(synAck(0, 1)),
			having(with(SynAckAgain))),
		at(SynReceived, "sequence, RST outside", arrives(rst(0))),
		never(SynReceived, "sequence, EV-1a closed window", "a window is offered with the SYN, and no text is taken before the ACK"),
		at(SynReceived, "sequence, EV-1e ACK of an unacceptable segment", arrives(ack(5000, 1)), sends(ack(1, 1)), also(sndUna(0))),
		at(SynReceived, "sequence, PAWS", old(1), sends(ack(1, 1)), only(RFC9293), paws),

		at(Established, "sequence, before the window", arrives(ack(0, 1)), sends(ack(1, 1))),
		at(Established, "sequence, beyond the window", arrives(ack(5000, 1)), sends(ack(1, 1))),
		at(Established, "sequence, old text", arrives(text(1<<32-9, 10, 1)), sends(ack(1, 1))),
		at(Established, "sequence, RST outside", arrives(rst(0))),
		at(Established, "sequence, EV-1a closed window", arrives(text(11, 5, 6)), sends(ack(6, 11)), n10, full, also(sndUna(6))),
		at(Established, "sequence, EV-1a closed window, URG", arrives(urgent(text(11, 5, 6), 3)), sends(ack(6, 11)), says(wUrgent), n10, full),
		at(Established, "sequence, EV-1a closed window, RST", arrives(carrying(rst(11), 3)), enters(Closed), says(wReset), n10, full),
		at(Established, "sequence, EV-1a closed window, FIN", arrives(fin(11, 6)), sends(ack(6, 11)), n10, full),
		at(Established, "sequence, EV-1e ACK of an unacceptable segment", arrives(ack(5000, 11)), sends(ack(11, 1)),
			given(call(Send(10))), also(sndUna(1))),
		at(Established, "sequence, PAWS", old(1), sends(ack(1, 1)), only(RFC9293), paws),

		at(FinWait1, "sequence, before the window", arrives(ack(0, 2)), sends(ack(2, 1))),
		at(FinWait1, "sequence, beyond the window", arrives(ack(5000, 2)), sends(ack(2, 1))),
		at(FinWait1, "sequence, old text", arrives(text(1<<32-9, 10, 2)), sends(ack(2, 1))),
		at(FinWait1, "sequence, RST outside", arrives(rst(0))),
		at(FinWait1, "sequence, EV-1a closed window", arrives(text(11, 5, 2)), sends(ack(2, 11)), enters(FinWait2), says(wOK),
			n10, given(unread(10))),
		at(FinWait1, "sequence, EV-1e ACK of an unacceptable segment", arrives(ack(5000, 2)), sends(ack(2, 1)), also(sndUna(1))),
		at(FinWait1, "sequence, PAWS", old(1), sends(ack(2, 1)), only(RFC9293), paws),

		at(FinWait2, "sequence, before the window", arrives(ack(0, 2)), sends(ack(2, 1))),
		at(FinWait2, "sequence, beyond the window", arrives(ack(5000, 2)), sends(ack(2, 1))),
		at(FinWait2, "sequence, old text", arrives(text(1<<32-9, 10, 2)), sends(ack(2, 1))),
		at(FinWait2, "sequence, RST outside", arrives(rst(0))),
		at(FinWait2, "sequence, EV-1a closed window", arrives(urgent(textFin(11, 5, 2), 5)), sends(ack(2, 11)), says(wUrgent),
			n10, given(unread(10))),
		never(FinWait2, "sequence, EV-1e ACK of an unacceptable segment", "everything is acknowledged"),
		at(FinWait2, "sequence, PAWS", old(1), sends(ack(2, 1)), only(RFC9293), paws),

		at(CloseWait, "sequence, before the window", arrives(ack(1, 1)), sends(ack(1, 2))),
		at(CloseWait, "sequence, before the window, FIN again", arrives(fin(1, 1)), sends(ack(1, 2))),
		at(CloseWait, "sequence, beyond the window", arrives(ack(5000, 1)), sends(ack(1, 2))),
		at(CloseWait, "sequence, old text", arrives(text(1<<32-8, 10, 1)), sends(ack(1, 2))),
		at(CloseWait, "sequence, RST outside", arrives(rst(1))),
		at(CloseWait, "sequence, EV-1a closed window", arrives(text(11, 5, 6)), sends(ack(6, 11)),
			n10, given(closedBehindFin, call(Send(5))), also(sndUna(6))),
		at(CloseWait, "sequence, EV-1e ACK of an unacceptable segment", arrives(fin(1, 11)), sends(ack(11, 2)),
			given(call(Send(10))), also(sndUna(1))),
		at(CloseWait, "sequence, PAWS", old(2), sends(ack(1, 2)), only(RFC9293), paws),

		at(Closing, "sequence, before the window", arrives(ack(1, 2)), sends(ack(2, 2))),
		at(Closing, "sequence, before the window, FIN again", arrives(fin(1, 1)), sends(ack(2, 2))),
		at(Closing, "sequence, beyond the window", arrives(ack(5000, 2)), sends(ack(2, 2))),
		at(Closing, "sequence, old text", arrives(text(1<<32-8, 10, 2)), sends(ack(2, 2))),
		at(Closing, "sequence, RST outside", arrives(rst(1))),
		at(Closing, "sequence, EV-1a closed window", arrives(ack(11, 2)), enters(TimeWait), says(wOK), n10, given(closedBehindFin)),
		at(Closing, "sequence, EV-1e ACK of an unacceptable segment", arrives(fin(1, 2)), sends(ack(2, 2)), also(sndUna(1))),
		at(Closing, "sequence, PAWS", old(2), sends(ack(2, 2)), only(RFC9293), paws),

		at(LastAck, "sequence, before the window", arrives(ack(1, 2)), sends(ack(2, 2))),
		at(LastAck, "sequence, before the window, FIN again", arrives(fin(1, 1)), sends(ack(2, 2))),
		at(LastAck, "sequence, beyond the window", arrives(ack(5000, 2)), sends(ack(2, 2))),
		at(LastAck, "sequence, old text", arrives(text(1<<32-8, 10, 2)), sends(ack(2, 2))),
		at(LastAck, "sequence, RST outside", arrives(rst(1))),
		at(LastAck, "sequence, EV-1a closed window", arrives(ack(11, 2)), enters(Closed), says(wOK), n10, given(closedBehindFin)),
		at(LastAck, "sequence, EV-1e ACK of an unacceptable segment", arrives(fin(1, 2)), sends(ack(2, 2)), also(sndUna(1))),
		at(LastAck, "sequence, PAWS", old(2), sends(ack(2, 2)), only(RFC9293), paws),

		at(TimeWait, "sequence, before the window", arrives(ack(1, 2)), sends(ack(2, 2))),
		at(TimeWait, "sequence, before the window, EV-1c FIN again", arrives(fin(1, 2)), sends(ack(2, 2))),
		at(TimeWait, "sequence, beyond the window", arrives(ack(5000, 2)), sends(ack(2, 2))),
		at(TimeWait, "sequence, old text", arrives(text(1<<32-8, 10, 2)), sends(ack(2, 2))),
		at(TimeWait, "sequence, RST outside", arrives(rst(1))),
		at(TimeWait, "sequence, EV-1a closed window", arrives(rst(11)), enters(Closed), n10, given(closedBehindFin)),
		never(TimeWait, "sequence, EV-1e ACK of an unacceptable segment", "everything is acknowledged"),
		at(TimeWait, "sequence, PAWS", old(2), sends(ack(2, 2)), only(RFC9293), paws),
	})
}

// EV-2 and EV-4: the RST and the SYN bit (RFC 9293 3.10.7.4, second
// and fourth).
func TestCellsRstAndSyn(t *testing.T) {
	active := given(fromSynSent)
	challenge9293, reset793 := only(RFC9293), only(RFC793)
	runCells(t, (others).Each(), []string{"RST", "RST, in the window", "SYN", "SYN, outside the window"}, []cell{
		at(SynReceived, "RST, from LISTEN", arrives(rst(1)), enters(Listen)),
		at(SynReceived, "RST, from SYN-SENT", arrives(rst(1)), enters(Closed), says(wRefused), active),
		at(SynReceived, "RST, in the window", arrives(rst(9)), sends(ack(1, 1)), challenge9293),
		at(SynReceived, "RST, in the window", arrives(rst(9)), enters(Listen), reset793),
		at(SynReceived, "SYN, from LISTEN", arrives(syn(9)), enters(Listen), challenge9293),
		at(SynReceived, "SYN, from LISTEN", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), reset793),
		at(SynReceived, "SYN, from SYN-SENT", arrives(syn(9)), sends(ack(1, 1)), challenge9293, active),
		at(SynReceived, "SYN, from SYN-SENT", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), reset793, active),
		at(SynReceived, "SYN, outside the window", arrives(syn(5000)), sends(ack(1, 1))),
		at(SynReceived, "SYN, outside the window, Figure 7", arrives(synAck(0, 1)), enters(Established), active),

		at(Established, "RST", arrives(rst(1)), enters(Closed), says(wReset)),
		at(Established, "RST, in the window", arrives(rst(9)), sends(ack(1, 1)), challenge9293),
		at(Established, "RST, in the window", arrives(rst(9)), enters(Closed), says(wReset), reset793),
		at(Established, "SYN", arrives(syn(9)), sends(ack(1, 1)), challenge9293),
		at(Established, "SYN", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), reset793),
		at(Established, "SYN, with ACK", arrives(synAck(9, 1)), sends(ack(1, 1)), challenge9293),
		at(Established, "SYN, with ACK", arrives(synAck(9, 1)), sends(rst(1)), enters(Closed), says(wReset), reset793),
		at(Established, "SYN, outside the window", arrives(syn(0)), sends(ack(1, 1))),

		at(FinWait1, "RST", arrives(rst(1)), enters(Closed), says(wReset)),
		at(FinWait1, "RST, in the window", arrives(rst(9)), sends(ack(2, 1)), challenge9293),
		at(FinWait1, "RST, in the window", arrives(rst(9)), enters(Closed), says(wReset), reset793),
		at(FinWait1, "SYN", arrives(syn(9)), sends(ack(2, 1)), challenge9293),
		at(FinWait1, "SYN", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), reset793),
		at(FinWait1, "SYN, outside the window", arrives(syn(5000)), sends(ack(2, 1))),

		at(FinWait2, "RST", arrives(rst(1)), enters(Closed), says(wReset)),
		at(FinWait2, "RST, in the window", arrives(rst(9)), sends(ack(2, 1)), challenge9293),
		at(FinWait2, "RST, in the window", arrives(rst(9)), enters(Closed), says(wReset), reset793),
		at(FinWait2, "SYN", arrives(syn(9)), sends(ack(2, 1)), challenge9293),
		at(FinWait2, "SYN", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), reset793),
		at(FinWait2, "SYN, outside the window", arrives(syn(5000)), sends(ack(2, 1))),

		at(CloseWait, "RST", arrives(rst(2)), enters(Closed), says(wReset)),
		at(CloseWait, "RST, in the window", arrives(rst(9)), sends(ack(1, 2)), challenge9293),
		at(CloseWait, "RST, in the window", arrives(rst(9)), enters(Closed), says(wReset), reset793),
		at(CloseWait, "SYN", arrives(syn(9)), sends(ack(1, 2)), challenge9293),
		at(CloseWait, "SYN", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), reset793),
		at(CloseWait, "SYN, outside the window", arrives(syn(0)), sends(ack(1, 2))),

		at(Closing, "RST", arrives(rst(2)), enters(Closed)),
		at(Closing, "RST, in the window", arrives(rst(9)), sends(ack(2, 2)), challenge9293),
		at(Closing, "RST, in the window", arrives(rst(9)), enters(Closed), reset793),
		at(Closing, "SYN", arrives(syn(9)), sends(ack(2, 2)), challenge9293),
		at(Closing, "SYN", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), reset793),
		at(Closing, "SYN, outside the window", arrives(syn(0)), sends(ack(2, 2))),

		at(LastAck, "RST", arrives(rst(2)), enters(Closed)),
		at(LastAck, "RST, in the window", arrives(rst(9)), sends(ack(2, 2)), challenge9293),
		at(LastAck, "RST, in the window", arrives(rst(9)), enters(Closed), reset793),
		at(LastAck, "SYN", arrives(syn(9)), sends(ack(2, 2)), challenge9293),
		at(LastAck, "SYN", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), reset793),
		at(LastAck, "SYN, outside the window", arrives(syn(0)), sends(ack(2, 2))),

		at(TimeWait, "RST", arrives(rst(2)), enters(Closed)),
		at(TimeWait, "RST, in the window", arrives(rst(9)), sends(ack(2, 2)), challenge9293),
		at(TimeWait, "RST, in the window", arrives(rst(9)), enters(Closed), reset793),
		at(TimeWait, "SYN", arrives(syn(9)), sends(ack(2, 2)), challenge9293),
		at(TimeWait, "SYN", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), reset793),
		at(TimeWait, "SYN, outside the window", arrives(syn(0)), sends(ack(2, 2))),
	})
}
