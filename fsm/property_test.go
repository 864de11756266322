package fsm

import (
	"flag"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var soak = flag.Bool("soak", false, "run each property 100,000 times instead of 2,000")

func checks(t *testing.T) {
	n := "2000"
	if *soak {
		n = "100000"
	}
	if testing.Short() {
		n = "200"
	}
	require.NoError(t, flag.Set("rapid.checks", n))
	require.NoError(t, flag.Set("rapid.nofailfile", "true"))
}

// profiles of the property tests: the two RFCs, switches that change the course of
// a close, and what kernels do.
func drawProfile(t *rapid.T) Profile {
	p := RFC9293
	switch rapid.IntRange(0, 8).Draw(t, "profile") {
	case 8:
		p.Features = p.Features&^(RFC6191|Timestamps) | asWindows
		winsock(&p)
		p.SynAgain, p.FinWait2Held = 500*ms, 5*time.Minute
	case 7:
		p.Features = p.Features&^(RFC6191|RFC5961Ack|PassiveSynListen|SackFin) | asBSD
		bsd(&p)
		p.FinWait2, p.DelayedAck = 675*time.Second, 40*ms
		p.ChallengeLimit, p.ChallengeInterval = 1, 0
		p.RoundedBuffer, p.FinWait2Shut, p.KeepAliveEnds, p.ListenTextDropped = true, true, true, true
		p.DSACK, p.DSACKAtOnce = true, true
	case 6:
		p.Features |= asLinux
		p.Tick, p.RTOMin = 4*ms, 200*ms
		p.FinAckDelay, p.FinAckTick, p.QuickAcks = 40*ms, 4*ms, 16
		p.SynLinear, p.LossProbe, p.Reordering = 4, true, 4
		p.FinWait2, p.FinWait2ByRTO = time.Minute, true
		p.UserTimeoutFromRepeat, p.ResetAtSack = true, true
		linuxWays(&p)
		p.ChallengeLimit, p.ChallengeInterval = 1, 500*ms
	case 0:
		p = RFC793
		p.Features &^= TimeWaitAnyAck // to the letter, two ends in TIME-WAIT can answer each other for ever
	case 1:
		p.Features |= FinStateEager | SynAckAgain
	case 2:
		p.Features &^= Timestamps | SACK | WindowScale
		p.RcvBuf = 3000
	case 3:
		p.Features |= RFC1337
		p.RcvBuf, p.SndBuf = 20000, 8000
	}
	return p
}

// linuxWays turns on what Linux does and no rule names.
func linuxWays(p *Profile) {
	p.EdgesAccepted, p.HeldFinCovered, p.FinAckApart, p.SackOnAll, p.DSACK = true, true, true, true, true
	p.Minshall, p.WholeSegments, p.OverrideByRTO, p.CwndInSegments, p.PushBursts = true, true, true, true, true
	p.RepeatsAsSent, p.RepeatInClosedWindow, p.IdleByAck, p.AckAdapts = true, true, true, true
}

// Switches that no RFC's profile has on, as they go together in kernels.
const (
	asLinux = FinStateEager | SynAckAgain | MinVariance | ResetWithAck | ResetBelowFin | ResetTold | ResetAfterShutdown |
		CrossedSynAcked | SynAgainOnBadAck | ProbeOldNumber | TimeWaitResetExact | TimeWaitSynBeyond | WindowInSegments |
		ResetInWindow | TimeWaitRestarts | ListenSynFinDropped | SynTextDropped | PassiveSynReset | FinWait2Alone |
		AckRangeAcked | AnswersLimited | NumbersAfterClose | AbortPendingReset |
		AcklessDropped | EmbryoAckFirst
	asBSD = FinStateEager | SynAckAgain | ResetWithAck | ResetTold | RFC1337 | ResetAtLastAck | FinAgainInClosing |
		AckLeftOfWindow | SynBeyondReopens | TimeWaitSynUnheard | TimeWaitAckless | TimeWaitAcksAll | ListenSynAckSilent |
		AbortClosingReset | AbortSynReceivedSilent | CloseSynReceivedDeletes | WindowInternal |
		WindowFollows
	asWindows = FinStateEager | SynAckAgain | ResetWithAck | ResetGivenUp | SynBeyondReopens | TimeWaitMute |
		RefusedTriesAgain | TextAfterShutReset | SynExactReset
)

// Two ends over a link that loses, repeats and reorders, with users who call
// what they like: the invariants hold after every step; and when the network
// heals and both users close, both ends come to CLOSED with every octet
// delivered.
func TestInvariants(t *testing.T) {
	checks(t)
	rapid.Check(t, func(t *rapid.T) {
		profs := [2]Profile{drawProfile(t)}
		profs[1] = profs[0]
		if rapid.IntRange(0, 2).Draw(t, "apart") == 0 {
			profs[1] = drawProfile(t)
		}
		p := newPair(t, profs)
		p.withReset = rapid.IntRange(0, 3).Draw(t, "aborts") == 0
		iss := [2]Seq{drawISS(t), drawISS(t)}
		p.open(iss, rapid.IntRange(0, 4).Draw(t, "simultaneous") == 0)
		loss := rapid.IntRange(0, 40).Draw(t, "loss")
		for range rapid.IntRange(0, 120).Draw(t, "steps") {
			p.random(t, loss)
		}
		closedAt := p.now
		p.settle()
		p.checkEnd(closedAt)
	})
}

// drawISS likes numbers near the wrap.
func drawISS(t *rapid.T) Seq {
	if rapid.Bool().Draw(t, "near the wrap") {
		return Seq(0) - Seq(rapid.Uint32Range(0, 5000).Draw(t, "before the wrap"))
	}
	return Seq(rapid.Uint32().Draw(t, "ISS"))
}

// random does one thing at random: to the network, to the time, or as a user.
func (p *pair) random(t *rapid.T, loss int) {
	e := p.ends[rapid.IntRange(0, 1).Draw(t, "end")]
	switch op := rapid.IntRange(0, 15).Draw(t, "op"); op {
	case 0, 1, 2, 3, 4, 5: // a segment arrives, or is lost
		if len(p.link) == 0 {
			p.tick()
			return
		}
		p.pass(7 * time.Millisecond)
		n := 0
		if rapid.IntRange(0, 3).Draw(t, "out of order") == 0 {
			n = rapid.IntRange(0, len(p.link)-1).Draw(t, "which")
		}
		if rapid.IntRange(0, 99).Draw(t, "lost") < loss {
			p.notef("lost: %v", p.link[n].seg)
			p.link = append(p.link[:n:n], p.link[n+1:]...)
			return
		}
		p.arrive(n)
	case 6: // a segment is repeated
		if len(p.link) > 0 {
			f := p.link[rapid.IntRange(0, len(p.link)-1).Draw(t, "which")]
			p.link = append(p.link, f)
		}
	case 7:
		p.tick()
	case 8, 9, 10:
		if e.tcb.State != Closed && e.tcb.State != Listen && !e.closed {
			ev := Send(rapid.Uint32Range(1, 9000).Draw(t, "octets"))
			ev.Push = rapid.IntRange(0, 3).Draw(t, "pushed") > 0
			ev.Urgent = rapid.IntRange(0, 7).Draw(t, "urgent") == 0
			e.call(ev)
		}
	case 11, 12:
		if n := len(e.ready); n > 0 {
			e.call(Receive(rapid.Uint32Range(1, uint32(n)).Draw(t, "octets")))
		}
	case 13:
		if !e.closed && e.tcb.State != Closed && e.tcb.State != Listen {
			ev := Close()
			if in(SynSent, SynReceived).Has(e.tcb.State) && rapid.Bool().Draw(t, "later") {
				ev = Set(CloseLater, 1)
			}
			e.call(ev)
		}
	case 14:
		set := []Event{
			Set(NoDelay, 1), Set(NoDelay, 0), Set(Cork, 1), Set(Cork, 0), Set(KeepAlive, 1),
			Set(KeepIdle, 500), Set(RcvBuf, 30000), Set(RcvBuf, 1000), Status(),
		}
		if p.withReset { // a user who does not read lets its peer be reset
			set = append(set, Set(ShutReceive, 1))
			if e.closed {
				set = append(set, Set(Detach, 1))
			}
		}
		e.step(rapid.SampledFrom(set).Draw(t, "set"), nil)
	case 15:
		if p.withReset && e.tcb.State != Listen && rapid.IntRange(0, 5).Draw(t, "abort") == 0 {
			e.call(Abort())
		}
	}
}
