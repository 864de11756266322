package fsm

import (
	"math/bits"
	"time"
)

// Features are switches of the machine. A rule runs only under a profile that
// has the switches it names; stacks differ by their switches and numbers alone.
type Features uint64

// The switches.
const (
	// RFC5961Reset honours a RST only at RCV.NXT and challenges one elsewhere
	// in the window (RFC 5961 3.2, RFC 9293 3.10.7.4 second).
	RFC5961Reset Features = 1 << iota
	// RFC5961Syn answers a SYN in a synchronized state with a challenge ACK,
	// whatever its sequence number (RFC 5961 4.2, RFC 9293 3.10.7.4 fourth).
	RFC5961Syn
	// RFC5961Ack challenges a segment whose ACK lies further back than the
	// largest window of the peer (RFC 5961 5.2, RFC 9293 MAY-12).
	RFC5961Ack
	// RFC1337 ignores every RST in TIME-WAIT (RFC 1337 3, fix F1).
	RFC1337
	// RFC6191 lets timestamps decide whether a SYN reopens a connection in
	// TIME-WAIT (RFC 6191 2, RFC 9293 SHLD-4).
	RFC6191
	// ResetAfterClose answers text that comes after a full close with a RST,
	// to show that it is lost (RFC 9293 3.6.1, SHLD-3; RFC 2525 2.16).
	ResetAfterClose
	// FinStateEager enters FIN-WAIT-1 or LAST-ACK at the CLOSE call although text
	// still waits before the FIN; off, the state waits for the FIN in
	// SYN-RECEIVED and CLOSE-WAIT (RFC 9293 3.10.4).
	FinStateEager
	// PassiveSynListen returns a passive SYN-RECEIVED to LISTEN on a SYN in the
	// window (RFC 9293 3.10.7.4 fourth; RFC 1122 4.2.2.20 e). Off: RST.
	PassiveSynListen
	// SynAckAgain answers a repeated SYN in SYN-RECEIVED with the SYN,ACK; off,
	// with an ACK, as RFC 9293 3.10.7.4 first has it.
	SynAckAgain
	// AckOfNothing lets an ACK of SND.UNA, which acknowledges nothing, complete
	// the handshake: RFC 793 p. 72 wrote "=<" where RFC 9293 has "<".
	AckOfNothing
	// WindowOnEqualAck updates the send window on an ACK that acknowledges
	// nothing new too (RFC 9293 3.10.7.4 fifth; RFC 1122 4.2.2.20 g).
	WindowOnEqualAck
	// TimeWaitAnyAck acknowledges whatever reaches the ACK check in TIME-WAIT
	// and restarts the timer, as RFC 793 p. 73 says literally; off, only a FIN
	// does.
	TimeWaitAnyAck
	// Timestamps offers and accepts the timestamps option (RFC 7323 3).
	Timestamps
	// TimestampsRequired drops a segment without timestamps where both ends use
	// them (RFC 7323 3.2, SHOULD); off, it is taken as it comes, as RFC 7323 3.2
	// says that some stacks do.
	TimestampsRequired
	// SACK offers and accepts selective acknowledgments (RFC 2018).
	SACK
	// WindowScale offers and accepts window scaling (RFC 7323 2).
	WindowScale
	// Nagle holds small segments back while text is unacknowledged (RFC 9293 3.7.4).
	Nagle
	// SillyWindow avoids the silly window syndrome at both ends (RFC 9293 3.8.6.2).
	SillyWindow
	// CongestionControl is slow start, congestion avoidance, fast retransmit and
	// fast recovery (RFC 5681, RFC 6582, RFC 6675).
	CongestionControl
	// MinVariance floors the variation of the round-trip time in the RTO with
	// RTOMin: RTO = SRTT + max (RTOMin, 4 * RTTVAR). Off: RTOMin floors the RTO
	// itself (RFC 6298 2.4).
	MinVariance
	// ResetWithAck sends the reset of an abort with an ACK, and not beyond the
	// right edge of the peer's window; off, <SEQ=SND.NXT><CTL=RST> (RFC 9293 3.10.5).
	ResetWithAck
	// ResetBelowFin honours a RST at RCV.NXT-1 too when the peer's FIN was the last
	// number: a RST that answered text may carry the number before the FIN.
	ResetBelowFin
	// ResetTold tells the user of a RST in CLOSING and LAST-ACK too.
	ResetTold
	// ResetAfterShutdown takes a user that has given up reading and has closed its
	// sending side for gone: new text is answered with a RST (ResetAfterClose).
	ResetAfterShutdown
	// CrossedSynAcked acknowledges the SYN,ACK of a simultaneous open although it
	// carries nothing new.
	CrossedSynAcked
	// SynAgainOnBadAck sends a SYN that has not been repeated once more, soon after
	// a segment whose ACK was unacceptable.
	SynAgainOnBadAck
	// ProbeOldNumber probes a closed window with an empty segment at SND.UNA-1; off,
	// with what waits next (RFC 9293 3.8.6.1).
	ProbeOldNumber
	// UserTimeoutFromRepeat counts the user timeout from the first repeat or probe;
	// off, from when something is sent (RFC 9293 3.8.3).
	UserTimeoutFromRepeat
	// TimeWaitResetExact drops a RST in TIME-WAIT that is not at RCV.NXT; off, it is
	// challenged as elsewhere (RFC 5961 3.2).
	TimeWaitResetExact
	// TimeWaitSynBeyond lets a SYN end TIME-WAIT only if its number lies beyond
	// RCV.NXT; off, beyond the last that was received (RFC 6191 2).
	TimeWaitSynBeyond
	// WindowInSegments offers whole segments: as many as fit RCV.BUFF, and holds as
	// many as RCV.BUFF begins; off, octets (RFC 9293 3.8.6.2.2).
	WindowInSegments
	// RFC6298 computes the RTO from a smoothed round-trip time and its
	// variation; off, by RFC 793's example procedure.
	RFC6298

	endOfFeatures // there may be 32: rows keep them beside the flags of a TCB in one word
)

// AllFeatures has every switch on.
const AllFeatures = endOfFeatures - 1

// featureNames are the names under which profiles and scripts know the switches.
var featureNames = []string{
	"rfc5961_reset", "rfc5961_syn", "rfc5961_ack", "rfc1337", "rfc6191", "reset_after_close",
	"fin_state_eager", "passive_syn_listen", "syn_ack_again", "ack_of_nothing", "window_on_equal_ack",
	"time_wait_any_ack", "timestamps", "timestamps_required", "sack", "window_scale", "nagle", "silly_window",
	"congestion_control", "min_variance", "reset_with_ack", "reset_below_fin", "reset_told",
	"reset_after_shutdown", "crossed_syn_acked", "syn_again_on_bad_ack", "probe_old_number",
	"user_timeout_from_repeat", "time_wait_reset_exact", "time_wait_syn_beyond", "window_in_segments", "rfc6298",
}

// Names lists the switches that are on, in the order in which they are declared.
func (f Features) Names() []string {
	var names []string
	for ; f != 0; f &= f - 1 {
		names = append(names, featureNames[bits.TrailingZeros64(uint64(f))])
	}
	return names
}

// ParseFeature finds a switch by its name.
func ParseFeature(name string) (Features, bool) {
	for i, n := range featureNames {
		if n == name {
			return 1 << i, true
		}
	}
	return 0, false
}

// Profile is how one stack behaves: its switches and its numbers. A Conn reads
// it and never writes it.
type Profile struct {
	Name     string
	Features Features

	TimeWait time.Duration // how long TIME-WAIT lasts: 2 MSL (RFC 9293 3.6.1, MUST-13)
	FinWait2 time.Duration // how long FIN-WAIT-2 lasts without a user; 0: for ever, as no RFC limits it

	RTOInitial  time.Duration // before the first round trip is known (RFC 6298 2.1)
	RTOMin      time.Duration // RFC 6298 2.4
	RTOMax      time.Duration // bound of the backoff (RFC 6298 2.5)
	RTOAfterSyn time.Duration // when a SYN was repeated (RFC 6298 5.7); 0: keep the RTO
	Backoff     uint8         // factor of the RTO after each expiry (RFC 6298 5.5); 1: none

	R1          uint8         // repeats after which the user and IP are told (RFC 9293 3.8.3, SHLD-10)
	SynLinear   uint8         // first repeats of a SYN that come without a backoff
	SynR2       uint8         // repeats of a SYN before it is given up; 0: R2Syn decides
	SynAckR2    uint8         // repeats of a SYN,ACK; 0: R2Syn decides
	DataR2      uint8         // R2 of text and FIN (RFC 9293 3.8.3), in repeats that begin at RTOMin; 0: the user timeout decides
	OrphanR2    uint8         // the same when the user is gone
	R2Syn       time.Duration // after which a SYN is given up (RFC 9293 MUST-23); 0: the user timeout decides
	UserTimeout time.Duration // RFC 9293 3.8.3 R2 and 3.10.8; 0: none

	FinAckDelay time.Duration // of the ACK of a FIN in ESTABLISHED, so that ours can carry it; 0: none
	FinAckTick  time.Duration // the same where no text has come before
	QuickAcks   uint8         // segments at the start of a connection that are acknowledged at once
	DelayedAck  time.Duration // longest delay of an ACK (RFC 9293 3.8.6.3, MUST-40); 0: none
	SWSOverride time.Duration // after which a small segment goes all the same (RFC 9293 3.8.6.2.1)

	KeepIdle     time.Duration // before the first keep-alive (RFC 9293 3.8.4, MUST-28)
	KeepInterval time.Duration // between keep-alives
	KeepCount    uint8         // keep-alives without an answer before the connection is dead

	ChallengeLimit    uint8         // challenge ACKs in any interval so long, up to MaxChallenges (RFC 5961 7)
	ChallengeInterval time.Duration // up to a minute

	RcvBuf        uint32 // octets: RCV.BUFF (RFC 9293 3.8.6.2.2)
	SndBuf        uint32 // octets of text that SEND takes before it is acknowledged
	WScale        uint8  // shift count offered (RFC 7323 2.2)
	InitialWindow uint8  // congestion window at the start, in segments (RFC 6928 2)
	TimestampTick time.Duration
	Tick          time.Duration // timers expire on ticks of a wheel that turns slower for later ones; 0: exactly
	Layout        Layout
}

// RFC9293 is the profile of RFC 9293 and of the RFCs that it builds on. Where
// they leave a number open, it says so.
var RFC9293 = Profile{
	Name: "rfc9293",
	Features: RFC5961Reset | RFC5961Syn | RFC5961Ack | RFC6191 | ResetAfterClose | PassiveSynListen |
		WindowOnEqualAck | Timestamps | SACK | WindowScale | Nagle | SillyWindow | CongestionControl | RFC6298,

	TimeWait: 4 * time.Minute, // MSL is 2 minutes (RFC 9293 3.4.2)

	RTOInitial:  time.Second,      // RFC 6298 2.1
	RTOMin:      time.Second,      // RFC 6298 2.4
	RTOMax:      60 * time.Second, // RFC 6298 2.5 asks for 60 s or more
	RTOAfterSyn: 3 * time.Second,  // RFC 6298 5.7
	Backoff:     2,                // RFC 6298 5.5

	R1:          3,                 // RFC 9293 SHLD-10
	R2Syn:       180 * time.Second, // RFC 9293 MUST-23
	UserTimeout: 5 * time.Minute,   // RFC 9293 3.9.1.1: "the present global default is five minutes"

	DelayedAck:  200 * time.Millisecond, // RFC 9293 MUST-40 asks for less than 0.5 s
	SWSOverride: 500 * time.Millisecond, // RFC 9293 3.8.6.2.1 asks for 0.1 to 1.0 s

	KeepIdle:     2 * time.Hour,    // RFC 9293 MUST-28
	KeepInterval: 75 * time.Second, // open in the RFC: the BSD and Linux default
	KeepCount:    9,                // open in the RFC: the Linux default

	ChallengeLimit:    10,              // RFC 5961 7
	ChallengeInterval: 5 * time.Second, // RFC 5961 7

	RcvBuf:        65535, // open in the RFC: what fits the header without scaling
	SndBuf:        65536, // open in the RFC
	WScale:        7,     // open in the RFC: the Linux default for years
	InitialWindow: 10,    // RFC 6928 2
	TimestampTick: time.Millisecond,
	Layout:        LayoutRFC,
}

// RFC793 is the profile of the text of 1981, with those of its errors that RFC
// 1122 4.2.2.20 lists and that nobody could run with set right.
var RFC793 = Profile{
	Name:     "rfc793",
	Features: AckOfNothing | TimeWaitAnyAck,

	TimeWait: 4 * time.Minute, // MSL is 2 minutes (RFC 793 3.3)

	RTOInitial: 3 * time.Second,  // open in RFC 793: RFC 1122 4.2.3.1
	RTOMin:     time.Second,      // LBOUND (RFC 793 3.7)
	RTOMax:     60 * time.Second, // UBOUND (RFC 793 3.7)
	Backoff:    1,                // RFC 793 knows none

	// Zero-window probes follow the RTO, as RFC 1122 4.2.2.17 has it; RFC 793 3.7
	// recommends two minutes.
	UserTimeout: 5 * time.Minute, // RFC 793 3.8

	KeepIdle:     2 * time.Hour,    // as RFC9293: RFC 793 knows no keep-alive
	KeepInterval: 75 * time.Second, //
	KeepCount:    9,

	RcvBuf:        4096, // open in RFC 793: what hosts of the time had
	SndBuf:        65536,
	TimestampTick: time.Millisecond,
}
