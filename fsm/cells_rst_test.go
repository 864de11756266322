package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Which resets are sent. RS-1 and RS-2 answer a segment with and
// without an ACK; RS-3 is an abort's. RS-4 and RS-6 are cells of text and of
// timeouts.
func TestCellsResetsSent(t *testing.T) {
	of9293, of793 := only(RFC9293), only(RFC793)
	abort := call(Abort())

	runCells(t, allStates(), []string{"RS-1", "RS-2", "RS-3"}, []cell{
		at(Closed, "RS-1", arrives(text(5, 10, 7)), sends(rst(7))),
		at(Closed, "RS-2", arrives(Segment{Seq: 5, Len: 10, Flags: SYN | FIN}), sends(rstAck(0, 17))),
		at(Closed, "RS-3", abort, says(wNotExist)),

		at(Listen, "RS-1", arrives(ack(5, 7)), sends(rst(7))),
		never(Listen, "RS-2", "what is neither RST, ACK nor SYN is dropped"),
		at(Listen, "RS-3", abort, enters(Closed), says(wOK, wReset)),

		at(SynSent, "RS-1", arrives(ack(5, 7)), sends(rst(7))),
		never(SynSent, "RS-2", "what has neither SYN nor RST is dropped"),
		at(SynSent, "RS-3", abort, enters(Closed), says(wOK, wReset)),

		at(SynReceived, "RS-1", arrives(ack(1, 2)), sends(rst(2)), of793),
		at(SynReceived, "RS-1", arrives(ack(1, 0)), sends(rst(0)), of9293),
		at(SynReceived, "RS-1, to a SYN", arrives(synAck(9, 1)), sends(rst(1)), enters(Closed), says(wReset), of793),
		at(SynReceived, "RS-2", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), of793),
		at(SynReceived, "RS-3", abort, sends(rst(1)), enters(Closed), says(wOK, wReset)),

		at(Established, "RS-1", arrives(synAck(9, 1)), sends(rst(1)), enters(Closed), says(wReset), of793),
		at(Established, "RS-2", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), of793),
		at(Established, "RS-3", abort, sends(rst(1)), enters(Closed), says(wOK, wReset)),

		at(FinWait1, "RS-1", arrives(synAck(9, 1)), sends(rst(1)), enters(Closed), says(wReset), of793),
		at(FinWait1, "RS-2", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), of793),
		at(FinWait1, "RS-3", abort, sends(rst(2)), enters(Closed), says(wOK, wReset)),

		at(FinWait2, "RS-1", arrives(synAck(9, 2)), sends(rst(2)), enters(Closed), says(wReset), of793),
		at(FinWait2, "RS-2", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), of793),
		at(FinWait2, "RS-3", abort, sends(rst(2)), enters(Closed), says(wOK, wReset)),

		at(CloseWait, "RS-1", arrives(synAck(9, 1)), sends(rst(1)), enters(Closed), says(wReset), of793),
		at(CloseWait, "RS-2", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), of793),
		at(CloseWait, "RS-3", abort, sends(rst(1)), enters(Closed), says(wOK, wReset)),

		at(Closing, "RS-1", arrives(synAck(9, 2)), sends(rst(2)), enters(Closed), says(wReset), of793),
		at(Closing, "RS-2", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), of793),
		at(Closing, "RS-3", abort, enters(Closed), says(wOK)),

		at(LastAck, "RS-1", arrives(synAck(9, 2)), sends(rst(2)), enters(Closed), says(wReset), of793),
		at(LastAck, "RS-2", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), of793),
		at(LastAck, "RS-3", abort, enters(Closed), says(wOK)),

		at(TimeWait, "RS-1", arrives(synAck(9, 2)), sends(rst(2)), enters(Closed), says(wReset), of793),
		at(TimeWait, "RS-2", arrives(syn(9)), sends(rstAck(0, 10)), enters(Closed), says(wReset), of793),
		at(TimeWait, "RS-3", abort, enters(Closed), says(wOK)),
	})
}

// RS-5: no RST answers a RST, whatever it carries.
func TestCellsResetNotAnswered(t *testing.T) {
	for _, prof := range []Profile{RFC793, RFC9293} {
		for _, s := range allStates() {
			t.Run(s.String()+"/RS-5 "+prof.Name, func(t *testing.T) {
				for _, seq := range []Seq{0, 1, 2, 9, 5000, 1 << 31} {
					for _, f := range []Flags{0, ACK, SYN, SYN | ACK, FIN | ACK, URG | PSH | FIN | SYN | ACK} {
						tc := newTestConn(t, s, under(prof))
						tc.recv(Segment{Seq: seq, Ack: 77, Len: 3, Flags: RST | f})
						for _, got := range tc.sent {
							require.Zero(t, got.Flags&RST, "%v", got)
						}
						tc.anyRule()
						tc.forget()
					}
				}
			})
		}
	}
}

// RS-7: who sends a RST is CLOSED (RFC 9293 3.10.5), and sends nothing more.
func TestCellsResetSenderClosed(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.call(Send(10))
	tc.call(Abort())
	tc.forget()
	tc.wantTimers()
	tc.recv(ack(1, 11))
	tc.wantSent(rst(11))
	tc.wantState(Closed)
	tc.forget()
}

// Which resets are accepted. RS-A1: RFC 793 takes any in the
// window; RS-A2: RFC 9293 one at RCV.NXT, challenges one elsewhere in the window
// and drops the others; RS-A5: in SYN-SENT the ACK alone validates.
func TestCellsResetsAccepted(t *testing.T) {
	of9293, of793 := only(RFC9293), only(RFC793)
	states := in(SynSent, SynReceived, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait).Each()
	cells := []cell{
		at(SynSent, "at RCV.NXT", arrives(rstAck(0, 1)), enters(Closed), says(wRefused)),
		at(SynSent, "at RCV.NXT, RS-A5 any number", arrives(rstAck(1<<31, 1)), enters(Closed), says(wRefused)),
		at(SynSent, "in the window", arrives(rstAck(9, 2))),
		at(SynSent, "outside the window", arrives(rst(0))),
	}
	for _, s := range states[1:] {
		// What a RST at RCV.NXT does is a cell of the state's row.
		next, own := Seq(1), Seq(1)
		if in(CloseWait, Closing, LastAck, TimeWait).Has(s) {
			next = 2
		}
		if closedOurs.Has(s) {
			own = 2
		}
		to, word := enters(Closed), says(wReset)
		switch {
		case s == SynReceived:
			to, word = enters(Listen), says()
		case in(Closing, LastAck, TimeWait).Has(s):
			word = says()
		}
		cells = append(cells,
			at(s, "at RCV.NXT", arrives(rst(next)), to, word),
			at(s, "at RCV.NXT, whatever its ACK", arrives(rstAck(next, 1<<30)), to, word),
			at(s, "in the window, RS-A1", arrives(rst(next+4000)), to, word, of793),
			at(s, "in the window, RS-A2", arrives(rst(next+4000)), sends(ack(own, next)), of9293),
			at(s, "outside the window", arrives(rst(next-1))),
			at(s, "outside the window, beyond", arrives(rst(next+testBuffer))),
		)
	}
	runCells(t, states, []string{"at RCV.NXT", "in the window", "outside the window"}, cells)
}
