package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// giveUp lets time go by until the state changes. Only what happens then counts.
func giveUp(want time.Duration) func(*testConn) {
	return func(tc *testConn) {
		tc.t.Helper()
		s, start := tc.tcb.State, tc.now
		for tc.tcb.State == s {
			tc.forget()
			tc.until()
		}
		require.Equal(tc.t, want, tc.now.Sub(start), "R2")
	}
}

// noTimers claims that none runs, only2MSL that TIME-WAIT's alone does.
func noTimers(tc *testConn) { tc.t.Helper(); tc.wantTimers() }

func only2MSL(tc *testConn) { tc.t.Helper(); tc.wantTimers("2MSL") }

// Timeouts by state (RFC 9293 3.10.8, 3.8.3, 3.8.4 and 3.8.6.1).
func TestCellsTimeouts(t *testing.T) {
	of9293, of793 := only(RFC9293), only(RFC793)
	const century = 24 * 365 * 100 * time.Hour
	send := given(call(Send(9)))
	fast := call(Set(UserTimeout, 500))
	half := after(500 * time.Millisecond)
	limit := having(change(func(p *Profile) { p.FinWait2 = time.Minute }))
	keep := call(Set(KeepAlive, 1))
	minutes := 5 * time.Minute

	runCells(t, allStates(), []string{"RTO", "R2", "user timeout", "other"}, []cell{
		at(Closed, "RTO", after(century), also(noTimers)),
		at(Closed, "R2", after(century), also(noTimers)),
		at(Closed, "user timeout", after(century), given(fast), also(noTimers)),
		at(Closed, "other", after(century), given(keep), also(noTimers)),

		at(Listen, "RTO", after(century), also(noTimers)),
		at(Listen, "R2", after(century), also(noTimers)),
		at(Listen, "user timeout", after(century), given(fast), also(noTimers)),
		at(Listen, "other", after(century), given(keep), also(noTimers)),

		at(SynSent, "RTO", untilTimeout, sends(syn(0))),
		at(SynSent, "R2", giveUp(183*time.Second), enters(Closed), says(wNoAnswer), of9293),
		at(SynSent, "R2", giveUp(minutes), enters(Closed), says(wTimeout), of793),
		at(SynSent, "user timeout", half, enters(Closed), says(wTimeout), given(fast)),
		at(SynSent, "other", after(500*time.Millisecond), given(keep), also(func(tc *testConn) {
			tc.wantTimers("retransmission", "user timeout")
		})),

		at(SynReceived, "RTO", untilTimeout, sends(synAck(0, 1))),
		at(SynReceived, "R2", giveUp(183*time.Second), enters(Listen), of9293),
		at(SynReceived, "R2, from SYN-SENT", giveUp(183*time.Second), enters(Closed), says(wNoAnswer), given(fromSynSent), of9293),
		at(SynReceived, "R2", giveUp(minutes), enters(Closed), says(wTimeout), of793),
		at(SynReceived, "user timeout", half, enters(Closed), says(wTimeout), given(fast)),
		at(SynReceived, "other", after(500*time.Millisecond), given(keep), also(func(tc *testConn) {
			tc.wantTimers("retransmission", "user timeout")
		})),

		at(Established, "RTO", untilTimeout, sends(text(1, 9, 1)), send),
		at(Established, "R2", giveUp(minutes), enters(Closed), says(wTimeout), send),
		at(Established, "user timeout", half, enters(Closed), says(wTimeout), given(call(Send(9)), fast)),
		at(Established, "user timeout, nothing outstanding", after(century), given(fast), also(noTimers)),
		at(Established, "other, keep-alive", after(2*time.Hour), sends(ack(0, 1)), given(keep)),
		at(Established, "other, persist", untilTimeout, sends(more(2, 1, 1)), given(shutWindow, call(Send(9)))),

		at(CloseWait, "RTO", untilTimeout, sends(text(1, 9, 2)), send),
		at(CloseWait, "R2", giveUp(minutes), enters(Closed), says(wTimeout), send),
		at(CloseWait, "user timeout", half, enters(Closed), says(wTimeout), given(call(Send(9)), fast)),
		at(CloseWait, "user timeout, LIV-2 nothing outstanding", after(century), given(fast), also(noTimers)),
		at(CloseWait, "other, keep-alive", after(2*time.Hour), sends(ack(0, 2)), given(keep)),
		at(CloseWait, "other, persist", untilTimeout, sends(more(2, 1, 2)), given(shutWindow, call(Send(9)))),

		at(FinWait1, "RTO", untilTimeout, sends(fin(1, 1))),
		at(FinWait1, "R2", giveUp(minutes), enters(Closed), says(wTimeout)),
		at(FinWait1, "R2, LIV-3 orphan", giveUp(minutes), enters(Closed), says(wTimeout), given(call(Set(Detach, 1)))),
		at(FinWait1, "user timeout", half, enters(Closed), says(wTimeout), given(fast)),
		at(FinWait1, "other, persist", untilTimeout, sends(fin(1, 1)), given(arrivesClosed(ack(1, 1))), of9293),

		at(Closing, "RTO", untilTimeout, sends(fin(1, 2))),
		at(Closing, "R2", giveUp(minutes), enters(Closed), says(wTimeout)),
		at(Closing, "user timeout", half, enters(Closed), says(wTimeout), given(fast)),
		at(Closing, "other, persist", untilTimeout, sends(fin(1, 2)), given(arrivesClosed(ack(2, 1))), of9293),

		at(LastAck, "RTO", untilTimeout, sends(fin(1, 2))),
		at(LastAck, "R2", giveUp(minutes), enters(Closed), says(wTimeout)),
		at(LastAck, "user timeout", half, enters(Closed), says(wTimeout), given(fast)),
		at(LastAck, "other, persist", untilTimeout, sends(fin(1, 2)), given(arrivesClosed(ack(2, 1))), of9293),

		at(FinWait2, "RTO", after(century), also(noTimers)),
		at(FinWait2, "R2", after(century), also(noTimers)),
		at(FinWait2, "user timeout", after(century), given(fast), also(noTimers)),
		at(FinWait2, "other, TO-6", after(time.Minute), enters(Closed), given(call(Set(Detach, 1))), limit),
		at(FinWait2, "other, keep-alive", after(2*time.Hour), sends(ack(1, 1)), given(keep)),

		at(TimeWait, "RTO", after(time.Minute), also(only2MSL)),
		at(TimeWait, "R2", after(time.Minute), also(only2MSL)),
		at(TimeWait, "user timeout", after(time.Minute), given(fast), also(only2MSL)),
		at(TimeWait, "other, TO-7", after(4*time.Minute), enters(Closed), also(noTimers)),
		at(TimeWait, "other, keep-alive", after(time.Minute), given(keep), also(only2MSL)),
	})
}
