package fsm

import (
	"testing"
	"time"
)

// What arrives in TIME-WAIT, row by row, for the RFC profiles. TW-9
// to TW-11 and TW-13 are no arrivals, or those of other profiles.
func TestCellsTimeWait(t *testing.T) {
	of9293, of793 := only(RFC9293), only(RFC793)
	minute := given(after(time.Minute))
	withListener := having(listener)
	runCells(t, []State{TimeWait}, []string{"TW-1", "TW-2", "TW-3", "TW-4", "TW-5", "TW-6", "TW-7", "TW-8", "TW-12"}, []cell{
		// Duplicate FIN: acknowledged, and the 2 MSL start again.
		at(TimeWait, "TW-1", arrives(fin(1, 2)), sends(ack(2, 2)), minute, also(restarted)),
		at(TimeWait, "TW-1, with its text", arrives(textFin(1<<32-9, 10, 2)), sends(ack(2, 2)), minute, also(restarted)),

		// Other segments outside the window with an ACK.
		at(TimeWait, "TW-2", arrives(ack(1, 2)), sends(ack(2, 2)), minute, also(going)),
		at(TimeWait, "TW-2, beyond it", arrives(ack(9000, 2)), sends(ack(2, 2)), minute, also(going)),
		at(TimeWait, "TW-2, old text", arrives(text(1<<32-8, 10, 2)), sends(ack(2, 2)), minute, also(going)),

		// A bare ACK exactly at RCV.NXT.
		at(TimeWait, "TW-3", arrives(ack(2, 2)), sends(ack(2, 2)), minute, also(restarted), of793),
		at(TimeWait, "TW-3", arrives(ack(2, 2)), minute, also(going), of9293),
		at(TimeWait, "TW-3, an old ACK", arrives(ack(2, 1)), minute, also(going), of9293),
		at(TimeWait, "TW-3, an ACK of what was never sent", arrives(ack(2, 3)), sends(ack(2, 2)), minute, also(restarted), of793),

		// A RST at RCV.NXT.
		at(TimeWait, "TW-4", arrives(rst(2)), enters(Closed)),
		at(TimeWait, "TW-4, rfc1337 on", arrives(rst(2)), minute, also(going), having(with(RFC1337)), of9293),

		// A RST elsewhere.
		at(TimeWait, "TW-5, in the window", arrives(rst(9)), enters(Closed), of793),
		at(TimeWait, "TW-5, in the window", arrives(rst(9)), sends(ack(2, 2)), minute, also(going), of9293),
		at(TimeWait, "TW-5, outside", arrives(rst(1))),
		at(TimeWait, "TW-5, outside, rfc1337 on", arrives(rst(1)), having(with(RFC1337)), of9293),

		// A SYN of a new incarnation.
		at(TimeWait, "TW-6, in the window", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), withListener, of793),
		at(TimeWait, "TW-6, outside", arrives(syn(1)), sends(ack(2, 2)), minute, also(going), withListener, of793),
		at(TimeWait, "TW-6, TW-6a number beyond", arrives(syn(9)), enters(Closed), also(reopened), withListener, of9293),
		at(TimeWait, "TW-6, TW-6a beyond the window", arrives(syn(1<<20)), enters(Closed), also(reopened), withListener, of9293),
		at(TimeWait, "TW-6, TW-6a timestamp on the SYN", arrives(stamped(syn(1<<31), 1)), enters(Closed), also(reopened), withListener, of9293),

		// A SYN that is not accepted.
		at(TimeWait, "TW-7, TW-6a number not beyond", arrives(syn(1)), sends(ack(2, 2)), minute, also(going), withListener, of9293),
		at(TimeWait, "TW-7, no listener", arrives(syn(9)), sends(ack(2, 2)), minute, also(going), of9293),
		at(TimeWait, "TW-7, with ACK", arrives(synAck(9, 2)), sends(ack(2, 2)), minute, also(going), withListener, of9293),

		// Text.
		at(TimeWait, "TW-8", arrives(text(2, 10, 2)), sends(ack(2, 2)), also(rcvNxt(2))),
		at(TimeWait, "TW-8, the 2 MSL go on", arrives(text(2, 10, 2)), sends(ack(2, 2)), minute, also(going), of9293),
		at(TimeWait, "TW-8, old", arrives(text(1<<32-8, 10, 2)), sends(ack(2, 2)), minute, also(going)),

		// A FIN without ACK; SYN and FIN.
		at(TimeWait, "TW-12, FIN outside", arrives(Segment{Seq: 1, Flags: FIN}), sends(ack(2, 2)), minute, also(going)),
		at(TimeWait, "TW-12, FIN in the window", arrives(Segment{Seq: 2, Flags: FIN}), minute, also(going)),
		at(TimeWait, "TW-12, SYN and FIN", arrives(flagged(syn(9), FIN)), sends(rstAck(0, 11)), enters(Closed), says(wReset),
			withListener, of793),
		at(TimeWait, "TW-12, SYN and FIN", arrives(flagged(syn(9), FIN)), enters(Closed), also(reopened), withListener, of9293),
		at(TimeWait, "TW-12, SYN and FIN, old", arrives(flagged(syn(0), FIN)), sends(ack(2, 2)), minute, also(going), withListener, of9293),
	})
}

// reopened claims that the SYN was left to the listener.
func reopened(tc *testConn) { tc.t.Helper(); tc.wantReopen() }
