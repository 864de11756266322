package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.10.1, CLOSED: an active OPEN sends <SEQ=ISS><CTL=SYN>, sets SND.UNA
// to ISS and SND.NXT to ISS+1, and enters SYN-SENT.
func TestOpenActive(t *testing.T) {
	tc := newTestConn(t, Closed)
	tc.call(ActiveOpen(tc.iss))
	tc.wantFired("open-active")
	tc.wantResult(OK)
	tc.wantSent(syn(0))
	tc.wantState(SynSent)
	require.Equal(t, tc.snd(0), tc.tcb.ISS)
	require.Equal(t, tc.snd(0), tc.tcb.SndUna)
	require.Equal(t, tc.snd(1), tc.tcb.SndNxt)
	require.False(t, tc.tcb.Passive())
	tc.wantTimers("retransmission", "user timeout")
}

// RFC 9293 3.10.1, CLOSED: a passive OPEN enters LISTEN and sends nothing.
func TestOpenPassive(t *testing.T) {
	tc := newTestConn(t, Closed)
	tc.call(PassiveOpen())
	tc.wantFired("open-passive")
	tc.wantResult(OK)
	tc.wantState(Listen)
	tc.wantTimers()
}

// RFC 9293 3.10.1, LISTEN: an active OPEN with a remote socket changes the
// connection from passive to active.
func TestOpenListenActive(t *testing.T) {
	tc := newTestConn(t, Listen)
	tc.call(ActiveOpen(tc.iss))
	tc.wantFired("open-listen-active")
	tc.wantResult(OK)
	tc.wantSent(syn(0))
	tc.wantState(SynSent)
	require.False(t, tc.tcb.Passive())
}

// RFC 9293 3.10.1, CLOSED and LISTEN: an active OPEN without a remote socket is
// an error.
func TestOpenUnspecified(t *testing.T) {
	for _, s := range []State{Closed, Listen} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			tc.call(Event{Kind: EvOpen, Active: true, ISS: tc.iss})
			tc.wantFired("open-unspecified")
			tc.wantResult(Unspecified)
			tc.wantState(s)
		})
	}
}

// RFC 9293 3.10.1, SYN-SENT to TIME-WAIT: "connection already exists".
func TestOpenExists(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(ActiveOpen(7))
	tc.wantFired("open-exists")
	tc.wantResult(Exists)
	tc.call(PassiveOpen())
	tc.wantFired("open-exists")
	tc.wantResult(Exists)
	tc.wantState(Established)
}

// RFC 9293 3.10.1, CLOSED: OPEN creates a new TCB. Nothing of a connection that
// is over comes into the next: not its FIN, its text, its options nor its loss.
func TestOpenAfterLife(t *testing.T) {
	tc := newTestConn(t, Established, timestamps(1000), sack, scaled(2, 3))
	tc.anyRule()
	tc.call(Send(500))
	tc.recv(text(101, 50, 1)) // behind a gap
	tc.recv(urgent(text(1, 20, 1), 15))
	tc.pass(10e9)
	tc.call(Close())
	tc.recv(rst(21))
	tc.wantStateAfterLife(Closed)

	fresh := newTestConn(t, Closed, timestamps(1000), sack, scaled(2, 3))
	fresh.anyRule()
	fresh.now = tc.now
	for _, end := range []*testConn{tc, fresh} {
		end.call(ActiveOpen(end.iss))
		end.recv(end.peerSynAck())
		end.forget()
	}
	require.Equal(t, fresh.tcb, tc.tcb)
}

// MUST-11: an end that came from LISTEN once, and has been CLOSED since, comes
// from SYN-SENT when its user opens it actively.
func TestOpenActiveAfterPassive(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.anyRule()
	require.True(t, tc.tcb.Passive())
	tc.call(Abort())
	tc.call(ActiveOpen(tc.iss))
	require.False(t, tc.tcb.Passive())
	tc.recv(tc.peerSyn())
	tc.forget()
	tc.recv(rst(1))
	tc.wantResult(Refused)
	tc.wantState(Closed)
	tc.forget()
}

// wantStateAfterLife claims where an end is and waives how it came there.
func (tc *testConn) wantStateAfterLife(s State) {
	tc.t.Helper()
	tc.forget()
	tc.wantState(s)
}

// RFC 9293 3.10.1, CLOSED: what the user has stated before OPEN holds for the
// connection that it opens (3.7.4, 3.8.4, 3.8.3).
func TestOpenKeepsParameters(t *testing.T) {
	tc := newTestConn(t, Closed)
	tc.anyRule()
	for _, ev := range []Event{Set(NoDelay, 1), Set(KeepAlive, 1), Set(KeepIdle, 5000), Set(UserTimeout, 30_000)} {
		tc.call(ev)
	}
	tc.call(ActiveOpen(tc.iss))
	tc.recv(tc.peerSynAck())
	tc.forget()
	tc.wantTimers("keep-alive")
	require.Equal(t, tc.now.Add(5e9), tc.tcb.KeepAt)
	tc.call(Send(1))
	tc.call(Send(1))
	tc.wantSent(text(1, 1, 1), text(2, 1, 1))
	require.Equal(t, tc.now.Add(30e9), tc.tcb.UserAt)
	tc.forget()
}

// RFC 9293 3.10.2, CLOSED: "connection does not exist".
func TestSendClosed(t *testing.T) {
	tc := newTestConn(t, Closed)
	tc.call(Send(10))
	tc.wantFired("send-closed")
	tc.wantResult(NotExist)
	tc.wantState(Closed)
}

// RFC 9293 3.10.2, LISTEN: a SEND to a given remote socket opens the connection;
// its text waits for the handshake.
func TestSendListenActive(t *testing.T) {
	tc := newTestConn(t, Listen)
	ev := Send(10)
	ev.Remote, ev.ISS = true, tc.iss
	tc.call(ev)
	tc.wantFired("send-listen-active")
	tc.wantOK(10)
	tc.wantSent(syn(0))
	tc.wantState(SynSent)

	tc.recv(tc.peerSynAck())
	tc.wantFired("synsent-syn-ack")
	tc.wantSent(text(1, 10, 1))
	tc.wantState(Established)
}

// RFC 9293 3.10.2, LISTEN: "remote socket unspecified".
func TestSendListenUnspecified(t *testing.T) {
	tc := newTestConn(t, Listen)
	tc.call(Send(10))
	tc.wantFired("send-listen-unspecified")
	tc.wantResult(Unspecified)
	tc.wantState(Listen)
}

// RFC 9293 3.6, case 1: "No further SENDs from the user will be accepted" once
// CLOSE was called, although the FIN still waits.
func TestSendAfterClose(t *testing.T) {
	tc := newTestConn(t, SynReceived)
	tc.call(Send(10))
	tc.call(Close())
	tc.forget()
	tc.call(Send(5))
	tc.wantFired("send-after-close")
	tc.wantResult(ClosingError)
	tc.wantState(SynReceived)
	require.Equal(t, uint32(10), tc.tcb.Pending())

	tc = newTestConn(t, CloseWait)
	tc.recvWindow(ack(2, 1), 0)
	tc.call(Send(10))
	tc.call(Close())
	tc.forget()
	tc.call(Send(5))
	tc.wantFired("send-after-close")
	tc.wantResult(ClosingError)
	tc.wantState(CloseWait)
}

// RFC 9293 3.10.2, SYN-SENT and SYN-RECEIVED: the text waits until the
// connection is established, and then goes.
func TestSendQueued(t *testing.T) {
	tc := newTestConn(t, SynSent)
	tc.call(Send(10))
	tc.wantFired("send-queued")
	tc.wantOK(10)
	tc.wantNoneSent()
	tc.recv(tc.peerSynAck())
	tc.wantFired("synsent-syn-ack")
	tc.wantState(Established)
	tc.wantSent(text(1, 10, 1))

	tc = newTestConn(t, SynReceived)
	tc.call(Send(10))
	tc.wantFired("send-queued")
	tc.wantOK(10)
	tc.wantNoneSent()
	tc.recv(ack(1, 1))
	tc.wantFired("synrcvd-ack")
	tc.wantState(Established)
	tc.wantSent(text(1, 10, 1))
}

// RFC 9293 3.10.2, SYN-SENT: "If no space to queue, respond with 'error:
// insufficient resources'".
func TestSendQueuedNoRoom(t *testing.T) {
	tc := newTestConn(t, SynSent, change(func(p *Profile) { p.SndBuf = 10 }))
	tc.call(Send(10))
	tc.forget()
	tc.call(Send(1))
	tc.wantFired("send-queued")
	tc.wantResult(Resources)
}

// RFC 9293 3.10.2, ESTABLISHED and CLOSE-WAIT: text is segmentized and sent
// with an ACK of RCV.NXT.
func TestSendText(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.call(Send(250))
	tc.wantFired("send-text")
	tc.wantOK(250)
	tc.wantSent(more(1, 100, 1), more(101, 100, 1))
	require.Equal(t, tc.snd(201), tc.tcb.SndNxt)
	require.Equal(t, uint32(50), tc.tcb.Unsent(), "the Nagle algorithm holds the rest")
	tc.wantTimers("retransmission", "user timeout")

	tc = newTestConn(t, CloseWait)
	tc.call(Send(30))
	tc.wantFired("send-text")
	tc.wantOK(30)
	tc.wantSent(text(1, 30, 2))
	tc.wantState(CloseWait)
}

// RFC 9293 3.10.2, ESTABLISHED: without space to remember the text the call
// fails; with space for a part, that part is taken.
func TestSendTextNoRoom(t *testing.T) {
	tc := newTestConn(t, Established, change(func(p *Profile) { p.SndBuf = 15 }))
	tc.anyRule()
	tc.recvWindow(ack(1, 1), 0)
	tc.call(Send(10))
	tc.wantOK(10)
	tc.call(Send(10))
	tc.wantOK(5)
	tc.call(Send(10))
	tc.wantResult(Resources)
	require.Equal(t, uint32(15), tc.tcb.Pending())
}

// RFC 9293 3.10.2, FIN-WAIT-1 to TIME-WAIT: "connection closing", and the call
// is not served.
func TestSendClosing(t *testing.T) {
	for _, s := range closedOurs.Each() {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			tc.call(Send(10))
			tc.wantFired("send-closing")
			tc.wantResult(ClosingError)
			tc.wantState(s)
			require.Zero(t, tc.tcb.Unsent())
		})
	}
}

// RFC 9293 3.10.3, CLOSED: "connection does not exist".
func TestReceiveClosed(t *testing.T) {
	tc := newTestConn(t, Closed)
	tc.call(Receive(10))
	tc.wantFired("receive-closed")
	tc.wantResult(NotExist)
}

// RFC 9293 3.10.3, LISTEN, SYN-SENT and SYN-RECEIVED: the call is queued.
func TestReceiveQueued(t *testing.T) {
	for _, s := range []State{Listen, SynSent, SynReceived} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			tc.call(Receive(10))
			tc.wantFired("receive-queued")
			tc.wantResult(Queued)
			tc.wantState(s)
		})
	}
}

// RFC 9293 3.10.3, ESTABLISHED: the call gets the text on hand, and no more than
// it asked for.
func TestReceiveText(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(text(1, 50, 1))
	tc.forget()
	tc.call(Receive(30))
	tc.wantFired("receive-text")
	tc.wantOK(30)
	require.Equal(t, uint32(20), tc.tcb.Unread)
	tc.call(Receive(30))
	tc.wantFired("receive-text")
	tc.wantOK(20)
	require.Zero(t, tc.tcb.Unread)
}

// RFC 9293 3.10.3, CLOSE-WAIT: RECEIVEs are satisfied by text already on hand.
// It stays on hand when the user closes in his turn: what was acknowledged is
// not lost (3.6).
func TestReceiveTextBehindFin(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.recv(textFin(1, 20, 1))
	tc.forget()
	tc.call(Receive(15))
	tc.wantFired("receive-text")
	tc.wantOK(15)
	tc.call(Close())
	tc.forget()
	tc.call(Receive(15))
	tc.wantFired("receive-text")
	tc.wantOK(5)
	tc.wantState(LastAck)
}

// RFC 9293 3.10.3, ESTABLISHED, FIN-WAIT-1 and FIN-WAIT-2: a call that finds no
// text waits.
func TestReceiveWait(t *testing.T) {
	for _, s := range finless.Each() {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			tc.call(Receive(10))
			tc.wantFired("receive-wait")
			tc.wantResult(Queued)
			tc.wantState(s)
		})
	}
}

// RFC 9293 3.10.3, CLOSE-WAIT: "If no text is awaiting delivery, the RECEIVE
// will get an 'error: connection closing' response"; in CLOSING, LAST-ACK and
// TIME-WAIT too.
func TestReceiveEnd(t *testing.T) {
	for _, s := range []State{CloseWait, Closing, LastAck, TimeWait} {
		t.Run(s.String(), func(t *testing.T) {
			tc := newTestConn(t, s)
			tc.call(Receive(10))
			tc.wantFired("receive-end")
			tc.wantResult(ClosingError)
			tc.wantState(s)
		})
	}
}
