package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.7.4, SHLD-7: while text is unacknowledged, small segments wait
// until it is acknowledged or a full segment can go.
func TestNagle(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.call(Send(10))
	tc.wantSent(text(1, 10, 1))
	tc.call(Send(30))
	tc.call(Send(60))
	tc.wantNoneSent()
	tc.call(Send(20)) // 110 octets wait: a full segment goes
	tc.wantSent(more(11, 100, 1))
	tc.recv(ack(1, 111))
	tc.wantSent(text(111, 10, 1))
	tc.forget()
}

// RFC 9293 3.9.1.4: "Close also implies push function": the FIN takes small text
// with it although something is unacknowledged.
func TestNagleClose(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.call(Send(10))
	tc.call(Send(30))
	tc.forget()
	tc.call(Close())
	tc.wantSent(textFin(11, 30, 1))
	tc.forget()
}

// RFC 9293 3.9.1.4: text that nobody has pushed goes with the FIN, and carries
// PSH.
func TestClosePushes(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.call(Event{Kind: EvSend, N: 30})
	tc.wantNoneSent()
	tc.call(Close())
	tc.wantSent(textFin(1, 30, 1))
	tc.forget()
}

// RFC 9293 3.8.6.2.1: the sender avoids the silly window syndrome.
func TestSillyWindow(t *testing.T) {
	for _, x := range []struct {
		name   string
		wnd    uint16 // usable; the largest so far was 1000
		d      uint32
		push   bool
		sent   uint16
		pushed bool
	}{
		{"(1) a full segment", 100, 300, true, 100, false},
		{"(1) a full segment, not pushed", 150, 100, false, 100, false},
		{"(2) pushed, and all can go", 60, 60, true, 60, true},
		{"(2) not pushed", 60, 60, false, 0, false},
		{"(2) not all can go", 60, 61, true, 0, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			tc := newTestConn(t, Established)
			tc.anyRule()
			tc.recv(offering(ack(1, 1), x.wnd))
			ev := Send(x.d)
			ev.Push = x.push
			tc.call(ev)
			want := more(1, x.sent, 1)
			if x.pushed {
				want = flagged(want, PSH)
			}
			if x.sent == 0 {
				tc.wantNoneSent()
			} else {
				tc.wantSent(want)
			}
			tc.forget()
		})
	}
}

// RFC 9293 3.8.6.2.1 (3): "at least a fraction Fs of the maximum window can be
// sent", Fs being 1/2.
func TestSillyWindowHalf(t *testing.T) {
	for wnd, want := range map[uint16]int{25: 1, 24: 0} {
		tc := newTestConn(t, SynSent)
		tc.anyRule()
		tc.recv(offering(tc.peerSynAck(), 50))
		tc.recv(offering(ack(1, 1), wnd))
		tc.forget()
		tc.call(Send(80))
		require.Len(t, tc.sent, want, "window %d", wnd)
		tc.forget()
	}
}

// MUST-61: PSH is on the last of what is buffered, if it is pushed; SHLD-27:
// successive pushes collapse.
func TestPush(t *testing.T) {
	tc := newTestConn(t, Established, with(Features(0)), without(Nagle))
	tc.anyRule()
	tc.call(Send(250))
	tc.wantSent(more(1, 100, 1), more(101, 100, 1), text(201, 50, 1))
	tc.recvWindow(ack(1, 251), 0)
	tc.call(Send(10))
	tc.call(Send(20))
	tc.recv(ack(1, 251))
	tc.wantSent(text(251, 30, 1))
	tc.forget()
	ev := Send(100)
	ev.Push = false
	tc.call(ev)
	tc.wantSent(more(281, 100, 1))
	tc.forget()
}

// RFC 9293 3.8.6, MUST-34: a window that shrinks below what was sent makes the
// usable window negative. SHLD-15: no new text goes; SHLD-16: old text within
// the window is repeated.
func TestShrunkWindow(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.call(Send(500))
	tc.forget()
	tc.recv(offering(ack(1, 1), 150))
	tc.call(Send(200))
	tc.wantNoneSent()
	tc.until()
	tc.wantSent(more(1, 100, 1))
	tc.recv(offering(ack(1, 101), 150)) // the edge is 251
	tc.wantSent(more(101, 100, 1), more(201, 50, 1))
	tc.forget()
}

// RFC 9293 3.7.1: Eff.snd.MSS leaves room for the options of every segment, 12
// octets for timestamps (RFC 2525 2.18).
func TestEffSndMSS(t *testing.T) {
	tc := newTestConn(t, Established, timestamps(1000))
	tc.anyRule()
	tc.call(Send(200))
	tc.wantSent(more(1, 88, 1), more(89, 88, 1))
	tc.forget()
}

// RFC 7323 3.2: a timestamp is in every segment; 5.4: its clock ticks.
func TestTimestampsSent(t *testing.T) {
	tc := newTestConn(t, SynSent, timestamps(1000))
	require.NotZero(t, tc.last.Has&OptTimestamps)
	require.Zero(t, tc.last.TSEcr, "no ACK")
	first := tc.last.TSVal
	tc.pass(250 * time.Millisecond)
	tc.recv(tc.peerSynAck())
	require.NotZero(t, tc.last.Has&OptTimestamps)
	require.Equal(t, first+250, tc.last.TSVal)
	require.Equal(t, uint32(1000), tc.last.TSEcr)
	tc.forget()
}

// RFC 9293 3.7.1, RFC 7323 2.2 and 3.2, RFC 2018 2: our SYN offers what the
// switches have; a SYN,ACK carries only what came with the SYN; MUST-65: other
// segments carry no MSS.
func TestSynOptions(t *testing.T) {
	all := OptMSS | OptTimestamps | OptSACKPermitted | OptWindowScale
	tc := newTestConn(t, Closed, with(Timestamps|SACK|WindowScale))
	tc.anyRule()
	tc.call(ActiveOpen(tc.iss))
	require.Equal(t, all, tc.last.Has)
	tc.forget()
	tc.until()
	require.Equal(t, all, tc.last.Has, "a SYN that goes again")
	tc.recv(tc.peerSynAck()) // with an MSS only
	require.Zero(t, tc.last.Has)
	tc.forget()

	tc = newTestConn(t, Listen, with(Timestamps|SACK|WindowScale))
	tc.recv(tc.peerSyn())
	require.Equal(t, OptMSS, tc.last.Has)
	tc.forget()

	tc = newTestConn(t, Listen, timestamps(7), sack, scaled(1, 2))
	tc.recv(tc.peerSyn())
	require.Equal(t, all, tc.last.Has)
	require.Equal(t, uint32(7), tc.last.TSEcr)
	tc.forget()

	tc = newTestConn(t, Listen, timestamps(7), sack, scaled(1, 2), without(Timestamps|SACK|WindowScale))
	tc.recv(tc.peerSyn())
	require.Equal(t, OptMSS, tc.last.Has, "what is switched off is not accepted")
	tc.forget()
}

// RFC 9293 3.10.8: text that is repeated may be joined with what waits (3.7): the
// segments of a repeat need not be those of the first time. No number changes.
func TestRepacketized(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.call(Send(10))
	tc.call(Send(20))
	tc.call(Send(30))
	tc.forget()
	tc.until()
	tc.wantSent(text(1, 60, 1))
	require.Equal(t, tc.snd(61), tc.tcb.SndNxt)
	tc.forget()
}

// RFC 9293 3.10.8: a FIN goes again, with its text or alone.
func TestFinSentAgain(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.call(Send(10))
	tc.call(Close())
	tc.forget()
	tc.until()
	tc.wantSent(textFin(1, 10, 1))
	tc.recv(ack(1, 11))
	tc.forget()
	tc.until()
	tc.wantSent(fin(11, 1))
	tc.forget()
}
