package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The schedules of kernels.

// bsd has the numbers of FreeBSD's timers: kern.ipc and net.inet.tcp of FreeBSD 13.
func bsd(p *Profile) {
	p.RTOMin, p.RTOMax = 30*ms, 64*time.Second
	p.BackoffMax, p.RTOSlop = 512, 200*ms
	p.OpenTimeout, p.SynAckR2 = 75*time.Second, 3
	p.DataR2, p.OrphanR2 = 12, 12
	p.PersistMin, p.PersistMax = 5*time.Second, time.Minute
	p.R1, p.R2Syn, p.UserTimeout, p.RTOAfterSyn = 0, 0, 0, 0
	p.Features |= ResetGivenUp
	p.R2Counts = true
}

// winsock has those of Windows.
func winsock(p *Profile) {
	p.RTOInitial, p.RTOMin, p.RTOMax = 3*time.Second, 300*ms, 240*time.Second
	p.SynR2, p.SynAckR2, p.DataR2 = 2, 2, 5
	p.R1, p.R2Syn, p.UserTimeout, p.RTOAfterSyn = 0, 0, 0, 0
	p.R2Counts = true
}

// intervals lets time go by until the end leaves its state, and gives the times
// between timeouts.
func (tc *testConn) intervals() []time.Duration {
	tc.t.Helper()
	tc.anyRule()
	var all []time.Duration
	for s := tc.tcb.State; tc.tcb.State == s && len(all) < 100; {
		all = append(all, tc.until())
	}
	tc.forget()
	return all
}

// backsOff is min (64 s, b * 2^k + 200 ms), where 2^k stays at 512 once it is there.
func backsOff(b time.Duration, n int) []time.Duration {
	var all []time.Duration
	for k := range n {
		all = append(all, min(64*time.Second, b<<min(k, 9)+200*ms))
	}
	return all
}

func total(d []time.Duration) time.Duration {
	sum := time.Duration(0)
	for _, x := range d {
		sum += x
	}
	return sum
}

// tcp_syn_backoff and TCPTV_KEEP_INIT: the SYN goes at 0, 1, 3.2, 7.4, 15.6, 31.8 and
// 64 s, and 75 s are all that there is.
func TestOpenTimeout(t *testing.T) {
	for _, timeout := range []uint32{0, 10_000} { // what the user states counts once it is open
		tc := newTestConn(t, Closed, change(bsd))
		tc.call(Set(UserTimeout, timeout))
		tc.call(ActiveOpen(tc.iss))
		tc.forget()
		start := tc.now
		for _, at := range []time.Duration{1000, 3200, 7400, 15_600, 31_800, 64_000} {
			tc.until()
			require.Equal(t, at*ms, tc.now.Sub(start))
			tc.wantFired("retransmit-syn")
			tc.wantSent(syn(0))
		}
		tc.until()
		require.Equal(t, 75*time.Second, tc.now.Sub(start))
		tc.wantFired("user-timeout")
		tc.wantResult(TimedOut)
		tc.wantNoneSent()
		tc.wantState(Closed)
	}
}

// It counts from the first SYN, whatever comes; and ends when the handshake does.
func TestOpenTimeoutCrossed(t *testing.T) {
	tc := newTestConn(t, SynSent, change(bsd))
	start := tc.now
	tc.pass(5 * time.Second)
	tc.recv(tc.peerSyn())
	tc.forget()
	require.Equal(t, start.Add(75*time.Second), tc.tcb.UserAt)
	tc.call(Set(UserTimeout, 0))
	tc.forget()
	require.Equal(t, start.Add(75*time.Second), tc.tcb.UserAt)
	tc.recv(synAck(0, 1))
	tc.forget()
	tc.wantState(Established)
	tc.wantTimers()

	// RFC 793's ACK of nothing leaves the SYN to be acknowledged: the user's limit
	// begins.
	tc = newTestConn(t, Closed, change(bsd), with(AckOfNothing))
	tc.call(Set(UserTimeout, 600_000))
	tc.call(ActiveOpen(tc.iss))
	tc.recv(tc.peerSyn())
	tc.recv(ack(1, 0))
	tc.forget()
	tc.wantState(Established)
	require.Equal(t, tc.now.Add(10*time.Minute), tc.tcb.UserAt)

	tc = newTestConn(t, SynReceived, change(bsd)) // a passive OPEN has another limit
	tc.wantTimers("retransmission")
}

// A SYN,ACK has no slop: it goes at 0, 1, 3, 7 s and its connection at 15.
func TestRTOSlopSynAck(t *testing.T) {
	tc := newTestConn(t, SynReceived, change(bsd))
	tc.anyRule()
	require.Equal(t, []time.Duration{1 * time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}, tc.intervals())
	tc.wantState(Listen)
}

// Text at an RTO of 30 ms and of 1 s: 12 repeats, and a RST when their timer has
// expired for the thirteenth time, after 79 and 512 s.
func TestRTOSlop(t *testing.T) {
	tc := newTestConn(t, Established, change(bsd))
	tc.call(Send(10))
	tc.pass(ms)
	tc.recv(ack(1, 11))
	require.Equal(t, 30*ms, tc.tcb.RTO)
	tc.call(Send(10))
	got := tc.intervals()
	require.Equal(t, backsOff(30*ms, 13), got)
	require.Equal(t, 79_370*ms, total(got))
	tc.wantState(Closed)

	tc = newTestConn(t, Established, change(bsd))
	tc.call(Send(10))
	got = tc.intervals()
	require.Equal(t, backsOff(time.Second, 13), got)
	require.Equal(t, 512_200*ms, total(got))
}

// The RTO is bounded as a multiple too, not only in time.
func TestBackoffMax(t *testing.T) {
	tc := newTestConn(t, Established, change(func(p *Profile) {
		p.BackoffMax, p.UserTimeout, p.DataR2, p.R1 = 4, 0, 5, 0
		p.R2Counts = true
	}))
	tc.call(Send(10))
	tc.forget()
	s := time.Second
	require.Equal(t, []time.Duration{s, 2 * s, 4 * s, 4 * s, 4 * s, 4 * s}, tc.intervals())
}

// The SYN of Windows goes at 0, 3 and 9 s, and ends at 21; so does its SYN,ACK.
func TestSynR2(t *testing.T) {
	want := []time.Duration{3 * time.Second, 6 * time.Second, 12 * time.Second}
	tc := newTestConn(t, SynSent, change(winsock))
	require.Equal(t, want, tc.intervals())
	tc.wantState(Closed)
	tc = newTestConn(t, SynReceived, change(winsock))
	require.Equal(t, want, tc.intervals())
	tc.wantState(Listen)

	// The other end's SYN has come across ours: it is still the SYN that counts.
	tc = newActiveSynReceived(t, change(winsock), change(func(p *Profile) { p.SynAckR2 = 1 }))
	require.Equal(t, want, tc.intervals())
	tc.wantState(Closed)
}

// R2 as a number: text is repeated five times, which takes 63 RTOs; without the
// switch as long as five repeats would take at RTOMin.
func TestR2Counts(t *testing.T) {
	tc := newTestConn(t, Established, change(winsock))
	tc.call(Send(10))
	tc.forget()
	for range 5 {
		tc.until()
		tc.wantFired("retransmit")
		tc.wantSent(text(1, 10, 1))
	}
	tc.until()
	tc.wantFired("retransmit-given-up")
	tc.wantResult(NoAnswer)
	tc.wantNoneSent()
	tc.wantState(Closed)

	tc = newTestConn(t, FinWait1, change(winsock))
	require.Equal(t, 63*3*time.Second, total(tc.intervals()))
	tc = newTestConn(t, FinWait1, change(winsock), change(func(p *Profile) { p.R2Counts = false }))
	require.Less(t, total(tc.intervals()), 63*3*time.Second)
}

// R2 of a connection without a user may be another number.
func TestR2CountsOrphan(t *testing.T) {
	tc := newTestConn(t, FinWait1, change(winsock), change(func(p *Profile) { p.OrphanR2 = 1 }))
	tc.call(Set(Detach, 1))
	tc.forget()
	require.Equal(t, []time.Duration{3 * time.Second, 6 * time.Second}, tc.intervals())
}

// tcp_persmin and tcp_persmax: a closed window is probed after 5 s at the earliest,
// and after 60 s at the latest.
func TestPersistBounds(t *testing.T) {
	tc := newTestConn(t, Established, change(bsd), change(func(p *Profile) { p.DataR2 = 9 }))
	tc.recvWindow(ack(1, 1), 0)
	tc.call(Send(10))
	tc.forget()
	s := time.Second
	require.Equal(t, []time.Duration{5 * s, 5 * s, 5 * s, 8 * s, 16 * s, 32 * s, 60 * s, 60 * s, 60 * s, 60 * s}, tc.intervals())
}

// Without an interval the number of challenge ACKs has no limit.
func TestChallengeWithoutInterval(t *testing.T) {
	tc := newTestConn(t, Established, change(func(p *Profile) { p.ChallengeLimit, p.ChallengeInterval = 1, 0 }))
	for range 20 {
		tc.recv(syn(500))
		tc.wantFired("syn-challenged")
		tc.wantSent(ack(1, 1))
		tc.wantDropped()
	}
}

// The SYN's own schedule: some repeats without a backoff, and a number of them.
func TestSynLinear(t *testing.T) {
	tc := newTestConn(t, SynSent, change(func(p *Profile) { p.SynLinear, p.SynR2, p.R1 = 2, 4, 0 }))
	tc.anyRule()
	for _, after := range []time.Duration{1, 1, 1, 2} {
		require.Equal(t, after*time.Second, tc.until())
		tc.wantSent(syn(0))
	}
	require.Equal(t, 4*time.Second, tc.until())
	tc.wantResult(NoAnswer)
	tc.wantState(Closed)

	tc = newTestConn(t, SynReceived, change(func(p *Profile) { p.SynLinear, p.SynAckR2, p.R1 = 2, 2, 0 }))
	tc.anyRule()
	for _, after := range []time.Duration{1, 2} { // a SYN,ACK backs off from the first
		require.Equal(t, after*time.Second, tc.until())
		tc.wantSent(synAck(0, 1))
	}
	require.Equal(t, 4*time.Second, tc.until())
	tc.wantDropped()
	tc.wantState(Listen)
}

// The repeats that come without a backoff do not make the time longer that the others take.
func TestSynLinearInTime(t *testing.T) {
	for _, c := range []struct {
		r2      uint8 // with the backoff
		repeats int
		over    time.Duration
	}{{1, 2, 3 * time.Second}, {2, 5, 7 * time.Second}, {3, 7, 19 * time.Second}} {
		tc := newTestConn(t, SynSent, change(func(p *Profile) { p.SynLinear, p.SynR2, p.R1 = 4, c.r2+4, 0 }))
		began := tc.now
		for range c.repeats {
			tc.until()
			tc.wantFired("retransmit-syn")
			tc.wantSent(syn(0))
		}
		tc.until()
		tc.wantFired("syn-given-up")
		tc.wantResult(NoAnswer)
		require.Equal(t, c.over, tc.now.Sub(began))
		tc.wantState(Closed)
	}
}

// A user timeout, and not their number, says for how long keep-alives go on: at the first
// one that is due when nothing was heard for so long. One goes in any case.
func TestKeepAliveUserTimeout(t *testing.T) {
	for timeout, probes := range map[uint32]int{1: 1, 2000: 1, 2001: 2, 5000: 4} {
		tc := newTestConn(t, Established, change(func(p *Profile) {
			p.UserTimeoutFromRepeat, p.KeepAliveUserTimeout = true, true
		}))
		tc.call(Set(KeepIdle, 1000))
		tc.call(Set(KeepInterval, 1000))
		tc.call(Set(KeepCount, 2))
		tc.call(Set(UserTimeout, timeout))
		tc.call(Set(KeepAlive, 1))
		tc.forget()
		for range probes {
			require.Equal(t, time.Second, tc.until())
			tc.wantFired("keepalive-probe")
			tc.wantSent(ack(0, 1))
		}
		require.Equal(t, time.Second, tc.until())
		tc.wantFired("keepalive-dead")
		tc.wantSent(rst(1))
		tc.wantResult(PeerDead)
		tc.wantState(Closed)
	}
}

// They are counted as long as that takes.
func TestKeepAliveUserTimeoutLong(t *testing.T) {
	tc := newTestConn(t, Established, change(func(p *Profile) {
		p.UserTimeoutFromRepeat, p.KeepAliveUserTimeout = true, true
	}))
	tc.call(Set(KeepIdle, 1000))
	tc.call(Set(KeepInterval, 1000))
	tc.call(Set(UserTimeout, 300_000))
	tc.call(Set(KeepAlive, 1))
	tc.pass(299 * time.Second)
	tc.wantState(Established)
	tc.forget()
	require.Equal(t, time.Second, tc.until())
	tc.wantFired("keepalive-dead")
	tc.wantState(Closed)
	tc.forget()
}
