package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What calls answer, in the RFC's words.
const (
	wNotExist   = "connection does not exist"
	wExists     = "connection already exists"
	wRemote     = "remote socket unspecified"
	wResources  = "insufficient resources"
	wClosing    = "connection closing"
	wReset      = "connection reset"
	wRefused    = "connection refused"
	wTimeout    = "connection aborted due to user timeout"
	wNoAnswer   = "connection aborted: no answer"
	wUrgent     = "urgent data"
	wDelivery   = "delivery in doubt"
	wOK         = "ok"
	wQueued     = "queued"
	noRoomInBuf = 10
)

// User calls (RFC 9293 3.10.1 to 3.10.6).
func TestCellsCalls(t *testing.T) {
	passive := call(PassiveOpen())
	active := func(tc *testConn) { tc.call(ActiveOpen(tc.iss)) }
	nowhere := call(Event{Kind: EvOpen, Active: true})
	send, receive, cls, abort := call(Send(10)), call(Receive(10)), call(Close()), call(Abort())
	sendTo := func(tc *testConn) {
		tc.call(Event{Kind: EvSend, N: 10, Push: true, Remote: true, ISS: tc.iss})
	}
	status := func(tc *testConn) {
		was := tc.tcb.State
		tc.call(Status())
		require.Equal(tc.t, was, tc.results[0].To, "the state that it tells")
	}
	small := having(change(func(p *Profile) { p.SndBuf = noRoomInBuf }))
	full := given(shutWindow, call(Send(noRoomInBuf)))

	runCells(t, allStates(), []string{"OPEN passive", "OPEN active", "SEND", "RECEIVE", "CLOSE", "ABORT", "STATUS"}, []cell{
		at(Closed, "OPEN passive", passive, enters(Listen), says(wOK)),
		at(Closed, "OPEN active", active, sends(syn(0)), enters(SynSent), says(wOK)),
		at(Closed, "OPEN active, remote unspecified", nowhere, says(wRemote)),
		at(Closed, "SEND", send, says(wNotExist)),
		at(Closed, "RECEIVE", receive, says(wNotExist)),
		at(Closed, "CLOSE", cls, says(wNotExist)),
		at(Closed, "ABORT", abort, says(wNotExist)),
		at(Closed, "STATUS", call(Status()), says(wNotExist)),

		at(Listen, "OPEN passive", passive, says(wExists)),
		at(Listen, "OPEN active", active, sends(syn(0)), enters(SynSent), says(wOK)),
		at(Listen, "OPEN active, remote unspecified", nowhere, says(wRemote)),
		at(Listen, "SEND, remote given", sendTo, sends(syn(0)), enters(SynSent), says("ok 10")),
		at(Listen, "SEND", send, says(wRemote)),
		at(Listen, "RECEIVE", receive, says(wQueued)),
		at(Listen, "CLOSE", cls, enters(Closed), says(wOK, wClosing)),
		at(Listen, "ABORT", abort, enters(Closed), says(wOK, wReset)),
		at(Listen, "STATUS", status, says(wOK)),

		at(SynSent, "OPEN passive", passive, says(wExists)),
		at(SynSent, "OPEN active", active, says(wExists)),
		at(SynSent, "SEND", send, says("ok 10")),
		at(SynSent, "SEND, no room", send, says(wResources), small, given(call(Send(noRoomInBuf)))),
		at(SynSent, "RECEIVE", receive, says(wQueued)),
		at(SynSent, "CLOSE", cls, enters(Closed), says(wOK, wClosing)),
		at(SynSent, "CLOSE, text queued", cls, enters(Closed), says(wOK, wClosing), given(send)),
		at(SynSent, "ABORT", abort, enters(Closed), says(wOK, wReset)),
		at(SynSent, "STATUS", status, says(wOK)),

		at(SynReceived, "OPEN passive", passive, says(wExists)),
		at(SynReceived, "OPEN active", active, says(wExists)),
		at(SynReceived, "SEND", send, says("ok 10")),
		at(SynReceived, "RECEIVE", receive, says(wQueued)),
		at(SynReceived, "CLOSE", cls, sends(fin(1, 1)), enters(FinWait1), says(wOK)),
		at(SynReceived, "CLOSE, from SYN-SENT", cls, sends(fin(1, 1)), enters(FinWait1), says(wOK), given(fromSynSent)),
		at(SynReceived, "CLOSE, text queued", cls, says(wOK), given(send)),
		at(SynReceived, "ABORT", abort, sends(rst(1)), enters(Closed), says(wOK, wReset)),
		at(SynReceived, "STATUS", status, says(wOK)),

		at(Established, "OPEN passive", passive, says(wExists)),
		at(Established, "OPEN active", active, says(wExists)),
		at(Established, "SEND", send, sends(text(1, 10, 1)), says("ok 10")),
		at(Established, "SEND, no room", send, says(wResources), small, full),
		at(Established, "RECEIVE", receive, says(wQueued)),
		at(Established, "RECEIVE, text on hand", receive, says("ok 7"), given(unread(7))),
		at(Established, "CLOSE", cls, sends(fin(1, 1)), enters(FinWait1), says(wOK)),
		at(Established, "CLOSE, text queued", cls, enters(FinWait1), says(wOK), full, small),
		at(Established, "ABORT", abort, sends(rst(1)), enters(Closed), says(wOK, wReset)),
		at(Established, "ABORT, text in flight", abort, sends(rst(11)), enters(Closed), says(wOK, wReset), given(send)),
		at(Established, "STATUS", status, says(wOK)),

		at(FinWait1, "OPEN passive", passive, says(wExists)),
		at(FinWait1, "OPEN active", active, says(wExists)),
		at(FinWait1, "SEND", send, says(wClosing)),
		at(FinWait1, "RECEIVE", receive, says(wQueued)),
		at(FinWait1, "RECEIVE, text on hand", receive, says("ok 7"), given(unread(7))),
		at(FinWait1, "CLOSE", cls, says(wOK)),
		at(FinWait1, "ABORT", abort, sends(rst(2)), enters(Closed), says(wOK, wReset)),
		at(FinWait1, "STATUS", status, says(wOK)),

		at(FinWait2, "OPEN passive", passive, says(wExists)),
		at(FinWait2, "OPEN active", active, says(wExists)),
		at(FinWait2, "SEND", send, says(wClosing)),
		at(FinWait2, "RECEIVE", receive, says(wQueued)),
		at(FinWait2, "RECEIVE, text on hand", receive, says("ok 7"), given(unread(7))),
		at(FinWait2, "CLOSE", cls, says(wOK)),
		at(FinWait2, "ABORT", abort, sends(rst(2)), enters(Closed), says(wOK, wReset)),
		at(FinWait2, "STATUS", status, says(wOK)),

		at(CloseWait, "OPEN passive", passive, says(wExists)),
		at(CloseWait, "OPEN active", active, says(wExists)),
		at(CloseWait, "SEND", send, sends(text(1, 10, 2)), says("ok 10")),
		at(CloseWait, "RECEIVE", receive, says(wClosing)),
		at(CloseWait, "CLOSE", cls, sends(fin(1, 2)), enters(LastAck), says(wOK)),
		at(CloseWait, "CLOSE, text queued", cls, says(wOK), small, given(shutWindow, send)),
		at(CloseWait, "ABORT", abort, sends(rst(1)), enters(Closed), says(wOK, wReset)),
		at(CloseWait, "STATUS", status, says(wOK)),

		at(Closing, "OPEN passive", passive, says(wExists)),
		at(Closing, "OPEN active", active, says(wExists)),
		at(Closing, "SEND", send, says(wClosing)),
		at(Closing, "RECEIVE", receive, says(wClosing)),
		at(Closing, "CLOSE", cls, says(wClosing)),
		at(Closing, "ABORT", abort, enters(Closed), says(wOK)),
		at(Closing, "STATUS", status, says(wOK)),

		at(LastAck, "OPEN passive", passive, says(wExists)),
		at(LastAck, "OPEN active", active, says(wExists)),
		at(LastAck, "SEND", send, says(wClosing)),
		at(LastAck, "RECEIVE", receive, says(wClosing)),
		at(LastAck, "CLOSE", cls, says(wClosing)),
		at(LastAck, "ABORT", abort, enters(Closed), says(wOK)),
		at(LastAck, "STATUS", status, says(wOK)),

		at(TimeWait, "OPEN passive", passive, says(wExists)),
		at(TimeWait, "OPEN active", active, says(wExists)),
		at(TimeWait, "SEND", send, says(wClosing)),
		at(TimeWait, "RECEIVE", receive, says(wClosing)),
		at(TimeWait, "CLOSE", cls, says(wClosing)),
		at(TimeWait, "ABORT", abort, enters(Closed), says(wOK)),
		at(TimeWait, "STATUS", status, says(wOK)),
	})
}

// EV-C1: a CLOSE that was deferred is carried out when the rest of
// the cell comes true.
func TestCellsCallsDeferredClose(t *testing.T) {
	runCells(t, []State{SynReceived, Established, CloseWait}, []string{"CLOSE deferred"}, []cell{
		at(SynReceived, "CLOSE deferred", arrives(ack(1, 1)), given(call(Send(10)), call(Close())),
			sends(textFin(1, 10, 1)), enters(Established, FinWait1)),
		never(Established, "CLOSE deferred", "the state is FIN-WAIT-1 in any case"),
		at(CloseWait, "CLOSE deferred", arrives(ack(2, 21)),
			given(call(Send(20)), arrivesClosed(ack(2, 11)), call(Send(10)), call(Close())),
			sends(textFin(21, 10, 2)), enters(LastAck)),
	})
}
