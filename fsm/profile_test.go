package fsm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The switches of the two RFC profiles, one a line.
func TestProfileSwitches(t *testing.T) {
	for _, x := range []struct {
		name            string
		f               Features
		rfc793, rfc9293 bool
	}{
		{"fin_state_entry eager", FinStateEager, false, false},
		{"rst_accept A2", RFC5961Reset, false, true},
		{"syn_in_sync challenge", RFC5961Syn, false, true},
		{"ack_range", RFC5961Ack, false, true},
		{"synrcvd_passive_syn back to LISTEN", PassiveSynListen, false, true},
		{"synrcvd_dup_syn resend S.", SynAckAgain, false, false},
		{"synrcvd_ack_low_ok", AckOfNothing, true, false},
		{"window_update_on_equal_ack", WindowOnEqualAck, false, true},
		{"data_after_close RS-4", ResetAfterClose, false, true},
		{"rfc1337", RFC1337, false, false},
		{"rfc6191", RFC6191, false, true},
		{"TW-3 acknowledged", TimeWaitAnyAck, true, false},
		{"timestamps", Timestamps, false, true},
		{"SACK", SACK, false, true},
		{"window scale", WindowScale, false, true},
		{"RTO by RFC 6298", RFC6298, false, true},
		{"congestion control", CongestionControl, false, true},
		{"Nagle", Nagle, false, true},
		{"silly window avoidance", SillyWindow, false, true},
	} {
		require.Equal(t, x.rfc793, RFC793.Features&x.f != 0, "rfc793 %s", x.name)
		require.Equal(t, x.rfc9293, RFC9293.Features&x.f != 0, "rfc9293 %s", x.name)
	}
}

// The numbers of the two RFC profiles.
func TestProfileNumbers(t *testing.T) {
	type numbers struct {
		timeWait, finWait2         time.Duration
		rtoInitial, rtoMin, rtoMax time.Duration
		backoff                    uint8
		r2                         time.Duration
		challenges                 uint8
		interval                   time.Duration
		keepIdle, keepInterval     time.Duration
		keepCount                  uint8
		delayedAck                 time.Duration
		wscale                     uint8
		wnd                        uint32
		rtoAfterSyn, r2Syn, sws    time.Duration
	}
	of := func(p Profile) numbers {
		return numbers{
			p.TimeWait, p.FinWait2, p.RTOInitial, p.RTOMin, p.RTOMax, p.Backoff, p.UserTimeout,
			p.ChallengeLimit, p.ChallengeInterval, p.KeepIdle, p.KeepInterval, p.KeepCount, p.DelayedAck,
			p.WScale, p.RcvBuf, p.RTOAfterSyn, p.R2Syn, p.SWSOverride,
		}
	}
	const s = time.Second
	require.Equal(t, numbers{
		240 * s, 0, 1 * s, 1 * s, 60 * s, 2, 300 * s,
		10, 5 * s, 7200 * s, 75 * s, 9, 200 * ms, 7, 65535, 3 * s, 180 * s, 500 * ms,
	}, of(RFC9293))
	require.Equal(t, numbers{
		240 * s, 0, 3 * s, 1 * s, 60 * s, 1, 300 * s,
		0, 0, 7200 * s, 75 * s, 9, 0, 0, 4096, 0, 0, 0,
	}, of(RFC793))
	require.Equal(t, uint8(3), RFC9293.R1, "SHLD-10")
	require.GreaterOrEqual(t, RFC9293.UserTimeout, 100*s, "SHLD-11")
	require.GreaterOrEqual(t, RFC9293.R2Syn, 180*s, "MUST-23")
	require.Less(t, RFC9293.DelayedAck, 500*ms, "MUST-40")
	require.GreaterOrEqual(t, RFC9293.RTOMax, 60*s, "RFC 6298 2.5")
	require.LessOrEqual(t, RFC9293.InitialWindow, uint8(10), "RFC 6928 2")
	require.LessOrEqual(t, RFC9293.WScale, uint8(14), "RFC 7323 2.3")
	require.GreaterOrEqual(t, RFC9293.TimestampTick, ms, "RFC 7323 5.4")
	require.LessOrEqual(t, RFC9293.TimestampTick, s, "RFC 7323 5.4")
	require.Equal(t, LayoutRFC, RFC9293.Layout)
}

// The SYN of the RFC 9293 profile: mss,sackOK,TS,nop,ws; of RFC 793: mss.
func TestProfileSyn(t *testing.T) {
	for want, p := range map[string]Profile{"mss,sackOK,TS,nop,wscale": RFC9293, "mss": RFC793} {
		var tcb TCB
		tcb.Init(&p, 1460, false)
		out := NewConn(&p, &tcb).Step(1, ActiveOpen(0), nil)
		for _, a := range out {
			if a.Kind == Emit {
				require.Equal(t, want, optionNames(&a.Seg.Options))
				require.Equal(t, uint16(p.RcvBuf), a.Seg.Wnd)
			}
		}
	}
}
