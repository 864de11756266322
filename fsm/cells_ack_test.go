package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// restarted claims that the 2 MSL began with this event, going that they did not.
func restarted(tc *testConn) {
	tc.t.Helper()
	require.Equal(tc.t, tc.now.Add(tc.prof.TimeWait), tc.tcb.WaitAt, "the 2 MSL")
}

func going(tc *testConn) {
	tc.t.Helper()
	require.Less(tc.t, tc.tcb.WaitAt, tc.now.Add(tc.prof.TimeWait), "the 2 MSL")
}

// EV-5 and EV-6: the ACK field and the URG bit (RFC 9293 3.10.7.4,
// fifth and sixth).
func TestCellsAckAndUrg(t *testing.T) {
	noAck := func(seq Seq) func(*testConn) { return arrives(Segment{Seq: seq, Len: 10}) }
	urg := func(seq, ackNo Seq) func(*testConn) { return arrives(urgent(ack(seq, ackNo), 5)) }
	of9293, of793 := only(RFC9293), only(RFC793)
	sent := given(call(Send(100)))
	tooOld := Seq(1<<32 - 2*testWindow)
	runCells(t, (others).Each(), []string{"ACK", "ACK, no ACK bit", "ACK, beyond SND.NXT", "URG"}, []cell{
		at(SynReceived, "ACK", arrives(offering(ack(1, 1), 700)), enters(Established), also(sndUna(1), sndWnd(700))),
		at(SynReceived, "ACK, of SND.UNA", arrives(ack(1, 0)), sends(rst(0)), of9293),
		at(SynReceived, "ACK, of SND.UNA", arrives(ack(1, 0)), enters(Established), of793),
		at(SynReceived, "ACK, deferred CLOSE", arrives(ack(1, 1)), sends(textFin(1, 9, 1)), enters(Established, FinWait1),
			given(call(Send(9)), call(Close()))),
		at(SynReceived, "ACK, no ACK bit", noAck(1)),
		at(SynReceived, "ACK, beyond SND.NXT", arrives(ack(1, 2)), sends(rst(2))),
		at(SynReceived, "URG", urg(1, 1), enters(Established), says(wUrgent)),

		at(Established, "ACK", arrives(ack(1, 51)), sent, also(sndUna(51))),
		at(Established, "ACK, duplicate", arrives(ack(1, 1)), sent, also(sndUna(1))),
		at(Established, "ACK, old", arrives(text(1, 9, 1<<32-5)), delivers(9), of9293),
		at(Established, "ACK, old", arrives(text(1, 9, 1<<32-5)), delivers(9), sends(ack(1, 10)), of793),
		at(Established, "ACK, RFC 5961 5", arrives(text(1, 9, tooOld)), sends(ack(1, 1)), of9293),
		at(Established, "ACK, RFC 5961 5", arrives(text(1, 9, tooOld)), sends(ack(1, 10)), delivers(9), of793),
		at(Established, "ACK, window with a new ACK", arrives(offering(ack(1, 51), 700)), sent, also(sndWnd(700))),
		at(Established, "ACK, window with an equal ACK", arrives(offering(ack(1, 1), 700)), also(sndWnd(700)), of9293),
		at(Established, "ACK, window with an equal ACK", arrives(offering(ack(1, 1), 700)), also(sndWnd(testWindow)), of793),
		at(Established, "ACK, EV-1f out of order", arrives(text(51, 9, 51)), sends(ack(101, 1)), sent, also(sndUna(51))),
		at(Established, "ACK, no ACK bit", noAck(1)),
		at(Established, "ACK, beyond SND.NXT", arrives(text(1, 9, 2)), sends(ack(1, 1))),
		at(Established, "URG", urg(1, 1), says(wUrgent)),
		at(Established, "URG, signalled once", urg(1, 1), given(urg(1, 1))),

		at(FinWait1, "ACK", arrives(ack(1, 2)), enters(FinWait2), says(wOK)),
		at(FinWait1, "ACK, not of the FIN", arrives(ack(1, 1))),
		at(FinWait1, "ACK, EV-1f out of order", arrives(text(51, 9, 2)), sends(ack(2, 1)), enters(FinWait2), says(wOK)),
		at(FinWait1, "ACK, and processing goes on", arrives(textFin(1, 9, 2)), sends(ack(2, 11)),
			enters(FinWait2, TimeWait), says(wOK, wClosing), delivers(9)),
		at(FinWait1, "ACK, no ACK bit", noAck(1)),
		at(FinWait1, "ACK, beyond SND.NXT", arrives(ack(1, 3)), sends(ack(2, 1))),
		at(FinWait1, "URG", urg(1, 1), says(wUrgent)),

		at(FinWait2, "ACK", arrives(ack(1, 2))),
		at(FinWait2, "ACK, no ACK bit", noAck(1)),
		at(FinWait2, "ACK, beyond SND.NXT", arrives(ack(1, 3)), sends(ack(2, 1))),
		at(FinWait2, "URG", urg(1, 2), says(wUrgent)),

		at(CloseWait, "ACK", arrives(ack(2, 51)), sent, also(sndUna(51))),
		at(CloseWait, "ACK, duplicate", arrives(ack(2, 1)), sent, also(sndUna(1))),
		at(CloseWait, "ACK, no ACK bit", noAck(2)),
		at(CloseWait, "ACK, beyond SND.NXT", arrives(ack(2, 2)), sends(ack(1, 2))),
		at(CloseWait, "URG", urg(2, 1)),

		at(Closing, "ACK", arrives(ack(2, 2)), enters(TimeWait), says(wOK), also(restarted)),
		at(Closing, "ACK, not of the FIN", arrives(ack(2, 1))),
		at(Closing, "ACK, no ACK bit", noAck(2)),
		at(Closing, "ACK, beyond SND.NXT", arrives(ack(2, 3)), sends(ack(2, 2))),
		at(Closing, "URG", urg(2, 1)),

		at(LastAck, "ACK", arrives(ack(2, 2)), enters(Closed), says(wOK)),
		at(LastAck, "ACK, not of the FIN", arrives(ack(2, 1))),
		at(LastAck, "ACK, no ACK bit", noAck(2)),
		at(LastAck, "ACK, beyond SND.NXT", arrives(ack(2, 3)), sends(ack(2, 2))),
		at(LastAck, "URG", urg(2, 1)),

		at(TimeWait, "ACK", arrives(ack(2, 2)), of9293),
		at(TimeWait, "ACK", arrives(ack(2, 2)), sends(ack(2, 2)), of793),
		at(TimeWait, "ACK, no ACK bit", noAck(2)),
		at(TimeWait, "ACK, beyond SND.NXT", arrives(ack(2, 3)), sends(ack(2, 2))),
		at(TimeWait, "URG", urg(2, 2), of9293),
		at(TimeWait, "URG", urg(2, 2), sends(ack(2, 2)), of793),
	})
}

// EV-7 and EV-8: text and FIN (RFC 9293 3.10.7.4, seventh and
// eighth).
func TestCellsTextAndFin(t *testing.T) {
	of9293, of793 := only(RFC9293), only(RFC793)
	orphan := given(call(Set(Detach, 1)))
	minute := given(after(time.Minute))
	bareFin := func(seq Seq) func(*testConn) { return arrives(Segment{Seq: seq, Flags: FIN}) }
	runCells(t, (others).Each(), []string{"text", "FIN", "FIN, EV-8a no ACK bit"}, []cell{
		at(SynReceived, "text", arrives(text(1, 9, 1)), enters(Established), delivers(9), of9293),
		at(SynReceived, "text", arrives(text(1, 9, 1)), sends(ack(1, 10)), enters(Established), delivers(9), of793),
		at(SynReceived, "FIN", arrives(fin(1, 1)), sends(ack(1, 2)), enters(Established, CloseWait), says(wClosing)),
		at(SynReceived, "FIN, EV-8a no ACK bit", bareFin(1)),

		at(Established, "text", arrives(text(1, 9, 1)), delivers(9), also(rcvNxt(10)), of9293),
		at(Established, "text", arrives(text(1, 9, 1)), sends(ack(1, 10)), delivers(9), also(rcvNxt(10)), of793),
		at(Established, "text, EV-1f out of order", arrives(text(11, 9, 1)), sends(ack(1, 1)), also(rcvNxt(1))),
		at(Established, "text, new behind old", arrives(text(6, 9, 1)), sends(ack(1, 15)), delivers(4), given(unread(10))),
		at(Established, "FIN", arrives(fin(1, 1)), sends(ack(1, 2)), enters(CloseWait), says(wClosing), also(rcvNxt(2))),
		at(Established, "FIN, behind text", arrives(textFin(1, 9, 1)), sends(ack(1, 11)), enters(CloseWait), says(wClosing), delivers(9)),
		at(Established, "FIN, EV-8a no ACK bit", bareFin(1)),
		at(Established, "FIN, EV-8b behind a gap", arrives(fin(11, 1)), sends(ack(1, 1)), also(rcvNxt(1))),
		at(Established, "FIN, EV-8b the gap is filled", arrives(text(1, 10, 1)), sends(ack(1, 12)), enters(CloseWait), says(wClosing),
			delivers(10), given(arrives(fin(11, 1)))),
		at(Established, "FIN, EV-8c trimmed off", arrives(textFin(1, 10, 1)), delivers(10), having(buffer(10)), of9293),
		at(Established, "FIN, EV-8c trimmed off", arrives(textFin(1, 10, 1)), sends(ack(1, 11)), delivers(10), having(buffer(10)), of793),

		at(FinWait1, "text", arrives(text(1, 9, 1)), delivers(9), of9293),
		at(FinWait1, "text", arrives(text(1, 9, 1)), sends(ack(2, 10)), delivers(9), of793),
		at(FinWait1, "text, SK-D nobody reads", arrives(text(1, 9, 1)), sends(rst(1)), enters(Closed), says(wReset), orphan, of9293),
		at(FinWait1, "text, SK-D nobody reads", arrives(text(1, 9, 1)), sends(ack(2, 10)), delivers(9), orphan, of793),
		at(FinWait1, "FIN", arrives(fin(1, 1)), sends(ack(2, 2)), enters(Closing), says(wClosing)),
		at(FinWait1, "FIN, ours acknowledged with it", arrives(fin(1, 2)), sends(ack(2, 2)), enters(FinWait2, TimeWait),
			says(wOK, wClosing), also(restarted)),
		at(FinWait1, "FIN, EV-8a no ACK bit", bareFin(1)),

		at(FinWait2, "text", arrives(text(1, 9, 2)), delivers(9), of9293),
		at(FinWait2, "text", arrives(text(1, 9, 2)), sends(ack(2, 10)), delivers(9), of793),
		at(FinWait2, "text, SK-D nobody reads", arrives(text(1, 9, 2)), sends(rst(2)), enters(Closed), says(wReset), orphan, of9293),
		at(FinWait2, "text, SK-D nobody reads", arrives(text(1, 9, 2)), sends(ack(2, 10)), delivers(9), orphan, of793),
		at(FinWait2, "FIN", arrives(fin(1, 2)), sends(ack(2, 2)), enters(TimeWait), says(wClosing), also(restarted)),
		at(FinWait2, "FIN, nobody reads", arrives(fin(1, 2)), sends(ack(2, 2)), enters(TimeWait), says(wClosing), orphan),
		at(FinWait2, "FIN, EV-8a no ACK bit", bareFin(1)),

		at(CloseWait, "text", arrives(text(2, 9, 1)), also(rcvNxt(2))),
		at(CloseWait, "FIN", arrives(fin(2, 1)), sends(ack(1, 2)), also(rcvNxt(2))),
		at(CloseWait, "FIN, EV-8a no ACK bit", bareFin(2)),

		at(Closing, "text", arrives(text(2, 9, 1)), also(rcvNxt(2))),
		at(Closing, "FIN", arrives(fin(2, 1)), sends(ack(2, 2)), also(rcvNxt(2))),
		at(Closing, "FIN, EV-8a no ACK bit", bareFin(2)),

		at(LastAck, "text", arrives(text(2, 9, 1)), also(rcvNxt(2))),
		at(LastAck, "FIN", arrives(fin(2, 1)), sends(ack(2, 2)), also(rcvNxt(2))),
		at(LastAck, "FIN, EV-8a no ACK bit", bareFin(2)),

		at(TimeWait, "text", arrives(text(2, 9, 2)), sends(ack(2, 2)), also(rcvNxt(2))),
		at(TimeWait, "FIN", arrives(fin(2, 2)), sends(ack(2, 2)), minute, also(rcvNxt(2), restarted)),
		at(TimeWait, "FIN, EV-8a no ACK bit", bareFin(2), minute, also(going)),
	})
}
