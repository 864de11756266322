package fsm

import "time"

// Limits of what a TCB remembers.
const (
	MaxHeld       = 4  // ranges of text held behind gaps
	MaxSacked     = 4  // ranges that the peer reported as received
	MaxChallenges = 10 // challenge ACKs that the limit counts
)

// Range is a half-open range of sequence numbers, [Lo, Hi). The zero value is empty.
type Range = Block

// TCB is what one end of a connection knows (RFC 9293 3.3.1). The RFC's
// variables have its names. It is a value without pointers; two are equal, and
// their notes, if and only if they behave alike from here on, under one profile.
//
// Times are virtual; a deadline of 0 means that the timer does not run.
type TCB struct {
	State State
	timer timerKind // what RexmtAt is for

	sndShift uint8 // Snd.Wind.Shift (RFC 7323 2.3)
	rcvShift uint8 // Rcv.Wind.Shift
	flags    tcbFlags

	SndUna Seq    // SND.UNA, the oldest number that is not acknowledged
	SndNxt Seq    // SND.NXT, the next to be sent
	SndWnd uint32 // SND.WND in octets, an offset from SND.UNA
	SndWl1 Seq    // SEG.SEQ of the segment that last updated SND.WND
	SndWl2 Seq    // SEG.ACK of the same
	SndEnd Seq    // the number after the last octet that the user has sent: the FIN's, once queued
	RcvNxt Seq    // RCV.NXT, the next expected
	RcvWnd uint32 // RCV.WND in octets: RCV.NXT+RCV.WND is the right edge that was offered

	LastAck Seq    // the last ACK that was sent (RFC 7323 4.3 Last.ACK.sent)
	Unread  uint32 // octets in order that the user has not received: RCV.USER
	Cwnd    uint32 // congestion window in octets (RFC 5681 2)
	SndMSS  uint16 // SendMSS: what the peer's MSS option said, or the default
	RcvMSS  uint16 // what our MSS option says: the MTU less 40, or 60 for IPv6
	held    uint8  // in use of Held
	sacked  uint8  // in use of Sacked
	dupAcks uint8  // duplicate ACKs in a row (RFC 5681 2)
	retries uint8  // expiries of RexmtAt without progress

	ISS Seq // initial send sequence number
	IRS Seq // initial receive sequence number

	SndPush  Seq    // text before it is pushed
	SndRtx   Seq    // next to be sent again; SND.NXT if nothing is
	SndTail  Seq    // where the last segment began that was sent for the first time
	SndSmall Seq    // the end of the last segment that was not full
	Recover  Seq    // SND.NXT when loss was noticed (RFC 6582 3.2)
	RttSeq   Seq    // the timed segment's end, if flagTiming
	MaxWnd   uint32 // MAX.SND.WND (RFC 5961 5.2)
	RcvBuf   uint32 // RCV.BUFF
	SndBuf   uint32
	Ssthresh uint32 // slow start threshold in octets (RFC 5681 2)
	TSRecent uint32 // TS.Recent (RFC 7323 4.3)

	RexmtAt Time // retransmission, zero-window probe or SWS override, as timer says
	AckAt   Time // delayed ACK
	WaitAt  Time // 2 MSL in TIME-WAIT; the limit of FIN-WAIT-2
	UserAt  Time // user timeout
	KeepAt  Time // keep-alive

	RttAt      Time // when the timed segment was sent
	FirstAt    Time // when the oldest number that is not acknowledged was first sent
	TSRecentAt Time // when TS.Recent was set (RFC 7323 5.5)

	SRTT   time.Duration // 0: no round trip measured yet
	RTTVar time.Duration
	RTO    time.Duration

	challenges uint8 // how many challenge ACKs Notes knows of
	keepCount  uint8
	quickAcks  uint8 // segments that are still acknowledged at once
	synShift   uint8 // the shift count that our SYN has offered

	// What the delay of an ACK follows, if it adapts.
	heardAt    uint32 // when text came last, in ticks
	ackDelay   uint16 // in ticks; 0: no text has come
	ackSegment uint16 // the peer's full segment as far as is known, in octets
	lastSize   uint16 // of a segment that may be a full one, in octets

	keepProbes uint16 // keep-alives, or probes of a closed window, without an answer

	UserTimeout  uint32 // milliseconds; 0: none
	KeepIdle     uint32 // milliseconds
	KeepInterval uint32 // milliseconds
	FinWait2     uint32 // milliseconds; 0: as the profile has it; or NoFinWait2
}

// Notes are what a connection must remember only now and then. They belong to a TCB,
// and stand apart from it so that who keeps very many connections need not keep
// them for each: see HasNotes.
type Notes struct {
	Held   [MaxHeld]Range   // text behind gaps, the latest first (RFC 2018 4)
	Sacked [MaxSacked]Range // what the peer has reported, in order of sequence

	RcvUp   Seq // RCV.UP, if flagUrgent
	RcvFin  Seq // number of a FIN held behind a gap, if flagFinHeld
	SndUp   Seq // SND.UP: the octet after the urgent data, if flagSndUrgent
	TailEnd Seq // SND.NXT when the tail was probed, if flagTailProbed

	Twice Range // what came twice and is to be reported, if flagTwice (RFC 2883)

	challengeAt Time                  // the last challenge ACK (RFC 5961 7)
	challenged  [MaxChallenges]uint16 // milliseconds from each of the last to the last, the latest first
}

// HasNotes reports whether the TCB's notes hold anything; else they are zero.
func (t *TCB) HasNotes() bool {
	return t.held|t.sacked|t.challenges != 0 || t.flags&(flagUrgent|flagFinHeld|flagSndUrgent|flagTailProbed|flagTwice) != 0
}

// timerKind tells what the retransmission slot is armed for. One slot serves
// the three: they never run at the same time.
type timerKind uint8

const (
	timerRexmt    timerKind = iota // RFC 6298 5
	timerPersist                   // RFC 9293 3.8.6.1
	timerOverride                  // RFC 9293 3.8.6.2.1 (4)
	timerProbe                     // RFC 8985 7.2
	timerReorder                   // RFC 8985 6.2
)

// tcbFlags are the yes-or-no parts of a TCB.
type tcbFlags uint32

const (
	flagPassive      tcbFlags = 1 << iota // came from LISTEN (RFC 9293 MUST-11)
	flagSynOut                            // our SYN is sent and not acknowledged
	flagFinQueued                         // CLOSE is carried out: SndEnd is the FIN's number
	flagClosePending                      // CLOSE waits, as RFC 9293 3.10.4 has it in SYN-RECEIVED and CLOSE-WAIT
	flagDetached                          // the user is gone
	flagRcvShut                           // the user gave up reading
	flagNoDelay
	flagCork
	flagKeepAlive
	flagFinHeld        // the peer's FIN lies behind a gap
	flagTimestamps     // both ends sent the option
	flagSACK           // both ends sent SACK-permitted
	flagWindowScale    // both ends sent the option
	flagTiming         // one segment is being timed (Karn's algorithm)
	flagRecovery       // in fast recovery
	flagSynRepeated    // a SYN was sent more than once (RFC 6298 5.7)
	flagUrgent         // the user is in urgent mode
	flagSndUrgent      // SndUp counts
	flagR1             // the user was told of R1
	flagIPv6           // the path is IPv6's
	flagTailProbed     // the tail loss probe has gone, and not all up to TailEnd is acknowledged
	flagFinLast        // the FIN that is held came after all text that is
	flagNoOptions      // TCP_NOOPT
	flagTwice          // Twice is still to be reported
	flagAnswers        // the user answers what it gets: its answers carry the ACKs
	flagAckPushed      // what waits for its ACK has a segment that is not full, or was pushed,
	flagAckPushedTwice // and another one
)

// Init makes t a CLOSED TCB that follows p. mss is the largest text of a
// segment that the path's MTU allows, in octets: the MTU less 40, or 60 for
// IPv6 (RFC 9293 3.7.1).
func (t *TCB) Init(p *Profile, mss uint16, ipv6 bool) {
	*t = TCB{
		SndMSS:       mss,
		RcvMSS:       mss,
		RcvBuf:       p.RcvBuf,
		SndBuf:       p.SndBuf,
		RTO:          p.RTOInitial,
		UserTimeout:  millis(p.UserTimeout),
		KeepIdle:     millis(p.KeepIdle),
		KeepInterval: millis(p.KeepInterval),
		keepCount:    p.KeepCount,
	}
	t.set(flagIPv6, ipv6)
}

func millis(d time.Duration) uint32 { return uint32(d / time.Millisecond) }

func (t *TCB) is(f tcbFlags) bool { return t.flags&f == f }

func (t *TCB) set(f tcbFlags, on bool) {
	if on {
		t.flags |= f
	} else {
		t.flags &^= f
	}
}

// Passive reports whether the connection came from LISTEN (RFC 9293 MUST-11).
func (t *TCB) Passive() bool { return t.is(flagPassive) }

// Detached reports whether the user is gone.
func (t *TCB) Detached() bool { return t.is(flagDetached) }

// FinQueued reports whether the user's CLOSE has been carried out: SndEnd is
// the number of the FIN.
func (t *TCB) FinQueued() bool { return t.is(flagFinQueued) }

// ClosePending reports whether a CLOSE waits to be carried out.
func (t *TCB) ClosePending() bool { return t.is(flagClosePending) }

// FinSent reports whether our FIN has been sent.
func (t *TCB) FinSent() bool { return t.is(flagFinQueued) && t.SndEnd.Less(t.SndNxt) }

// FinAcked reports whether our FIN has been acknowledged. It looks at the FIN's
// own number: a queue that is empty because its FIN has not left yet is not it.
func (t *TCB) FinAcked() bool { return t.is(flagFinQueued) && t.SndEnd.Less(t.SndUna) }

// Unsent is how many octets of text wait to be sent for the first time.
func (t *TCB) Unsent() uint32 {
	if t.SndEnd.Less(t.SndNxt) {
		return 0
	}
	return t.SndEnd.Sub(t.SndNxt)
}

// Unacked is how many sequence numbers are sent and not acknowledged: text,
// SYN and FIN.
func (t *TCB) Unacked() uint32 { return t.SndNxt.Sub(t.SndUna) }

// Pending is how many octets of text the send queue holds: sent and not
// acknowledged, or not sent.
func (t *TCB) Pending() uint32 { return t.SndEnd.Sub(minSeq(t.textUna(), t.SndEnd)) }

// Room is how many octets SEND can take.
func (t *TCB) Room() uint32 {
	if p := t.Pending(); p < t.SndBuf {
		return t.SndBuf - p
	}
	return 0
}

// textUna is the oldest octet of text that is not acknowledged: SND.UNA, or
// the octet after a SYN that is not acknowledged.
func (t *TCB) textUna() Seq {
	if t.is(flagSynOut) {
		return t.SndUna + 1
	}
	return t.SndUna
}

// Holding reports whether text, or the peer's FIN, is held behind a gap.
func (t *TCB) Holding() bool { return t.held > 0 || t.is(flagFinHeld) }

// consumed is the number after the last octet that the user has received.
func (t *TCB) consumed() Seq { return t.RcvNxt - Seq(t.Unread) }

// Timers lists the timers that run, by name, for tests and reports.
func (t *TCB) Timers() []string {
	var names []string
	add := func(at Time, name string) {
		if at != 0 {
			names = append(names, name)
		}
	}
	add(t.RexmtAt, [...]string{"retransmission", "persist", "override", "loss probe", "reordering"}[t.timer])
	add(t.AckAt, "delayed ACK")
	switch t.State {
	case TimeWait:
		add(t.WaitAt, "2MSL")
	default:
		add(t.WaitAt, "FIN-WAIT-2")
	}
	add(t.UserAt, "user timeout")
	add(t.KeepAt, "keep-alive")
	return names
}

// earliest is the first of the deadlines that run, or Never.
func (t *TCB) earliest() Time {
	at := Never
	for _, d := range [...]Time{t.RexmtAt, t.AckAt, t.WaitAt, t.UserAt, t.KeepAt} {
		if d != 0 && d < at {
			at = d
		}
	}
	return at
}

// Reach tells how large a segment the path takes, when it becomes known: a
// listener does not know its peers. See Init.
func (t *TCB) Reach(mss uint16, ipv6 bool) {
	t.SndMSS, t.RcvMSS = mss, mss
	t.set(flagIPv6, ipv6)
}

// Option gives the value of a parameter as Set takes it.
func (t *TCB) Option(p Param) uint32 {
	flag := func(f tcbFlags) uint32 {
		if t.is(f) {
			return 1
		}
		return 0
	}
	switch p {
	case NoDelay:
		return flag(flagNoDelay)
	case Cork:
		return flag(flagCork)
	case KeepAlive:
		return flag(flagKeepAlive)
	case KeepIdle:
		return t.KeepIdle
	case KeepInterval:
		return t.KeepInterval
	case KeepCount:
		return uint32(t.keepCount)
	case UserTimeout:
		return t.UserTimeout
	case FinWait2Limit:
		return t.FinWait2
	case RcvBuf:
		return t.RcvBuf
	case SndBuf:
		return t.SndBuf
	case MaxSegment:
		return uint32(min(t.SndMSS, t.RcvMSS))
	case NoOptions:
		return flag(flagNoOptions)
	case ShutReceive:
		return flag(flagRcvShut)
	case CloseLater:
		return flag(flagClosePending)
	case Detach:
		return flag(flagDetached)
	}
	return 0
}

// Shifts gives the window scales in use, Snd.Wind.Shift and Rcv.Wind.Shift (RFC
// 7323 2.3).
func (t *TCB) Shifts() (snd, rcv int) { return int(t.sndShift), int(t.rcvShift) }

// Negotiated tells which options both ends use.
func (t *TCB) Negotiated() (timestamps, sack, windowScale bool) {
	return t.is(flagTimestamps), t.is(flagSACK), t.is(flagWindowScale)
}

// Retries is how often the retransmission timer has expired without progress.
func (t *TCB) Retries() int { return int(t.retries) }

// EffSndMSS is Eff.snd.MSS: the octets of text that fit a segment (RFC 9293
// 3.7.1, MUST-16).
func (t *TCB) EffSndMSS() uint32 {
	mss := uint32(min(t.SndMSS, t.RcvMSS))
	if t.is(flagTimestamps) {
		mss -= min(mss, 12)
	}
	return max(mss, 1)
}
