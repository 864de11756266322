package sim

import (
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// Linux is the system of Linux 6.18, as that kernel was seen to behave.
func Linux() System {
	s := RFC9293()
	t := &s.TCP
	t.Name = "linux"
	t.Features |= fsm.FinStateEager | fsm.SynAckAgain | fsm.MinVariance | fsm.ResetWithAck | fsm.ResetBelowFin | fsm.ResetTold |
		fsm.ResetAfterShutdown | fsm.CrossedSynAcked | fsm.SynAgainOnBadAck | fsm.ProbeOldNumber | fsm.UserTimeoutFromRepeat |
		fsm.TimeWaitResetExact | fsm.TimeWaitSynBeyond | fsm.WindowInSegments

	t.Tick = 4 * time.Millisecond // CONFIG_HZ=250

	t.TimeWait = time.Minute // TCP_TIMEWAIT_LEN
	t.FinWait2 = time.Minute // net.ipv4.tcp_fin_timeout

	t.RTOMin = 200 * time.Millisecond // TCP_RTO_MIN
	t.RTOMax = 120 * time.Second      // TCP_RTO_MAX
	t.RTOAfterSyn = 3 * time.Second   // TCP_TIMEOUT_FALLBACK
	t.R2Syn = 0
	t.SynLinear = 4   // net.ipv4.tcp_syn_linear_timeouts
	t.SynR2 = 6 + 4   // net.ipv4.tcp_syn_retries, which the linear ones do not count in
	t.SynAckR2 = 5    // net.ipv4.tcp_synack_retries
	t.DataR2 = 15     // net.ipv4.tcp_retries2
	t.OrphanR2 = 8    // net.ipv4.tcp_orphan_retries, where 0 means 8
	t.UserTimeout = 0 // TCP_USER_TIMEOUT sets one

	t.FinAckDelay = 40 * time.Millisecond // ATO_MIN, the delayed ACK
	t.FinAckTick = 4 * time.Millisecond   // a clock tick
	t.DelayedAck = 40 * time.Millisecond
	t.QuickAcks = 16 // TCP_MAX_QUICKACKS

	t.ChallengeLimit, t.ChallengeInterval = 1, 500*time.Millisecond // net.ipv4.tcp_invalid_ratelimit

	t.RcvBuf = 64240
	t.SndBuf = 46080
	t.WScale = 10 // of net.ipv4.tcp_rmem's 32 MiB

	s.PortLo, s.PortHi = 32768, 60999 // net.ipv4.ip_local_port_range
	s.BacklogExtra = 1
	s.ResetFlushes = false
	s.PipeInCloseWait = true
	s.RefusedInSynSent = true
	s.ErrorBeforePipe = true
	s.EndAfterReset = true
	s.TimeWaitApart = true
	s.LingerOffIsZero = true
	s.BindBothReuse = true
	s.CallsHoldSocket = true
	s.AcceptQueueOnly = true
	s.AcceptsDead = true
	s.TupleTaken = EADDRNOTAVAIL
	s.LingerBlocks = true
	return s
}
