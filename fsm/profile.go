package fsm

import "time"

// Profile is how one stack behaves: its switches and its numbers. A Conn reads
// it and never writes it.
type Profile struct {
	Name     string
	Features Features

	TimeWait     time.Duration // how long TIME-WAIT lasts: 2 MSL (RFC 9293 3.6.1, MUST-13)
	FinWait2     time.Duration // how long FIN-WAIT-2 lasts without a user; 0: for ever, as no RFC limits it
	FinWait2Held time.Duration // the same with a user, who is then told of a reset; 0: for ever

	RTOInitial  time.Duration // before the first round trip is known (RFC 6298 2.1)
	RTOMin      time.Duration // RFC 6298 2.4
	RTOMax      time.Duration // bound of the backoff (RFC 6298 2.5)
	RTOAfterSyn time.Duration // when a SYN was repeated (RFC 6298 5.7); 0: keep the RTO
	Backoff     uint8         // factor of the RTO after each expiry (RFC 6298 5.5); 1: none
	BackoffMax  uint16        // bound of what the RTO is multiplied by; 0: none
	RTOSlop     time.Duration // added to each RTO, backed off or not, but to the first of a SYN and to those of a SYN,ACK

	R1          uint8         // repeats after which the user and IP are told (RFC 9293 3.8.3, SHLD-10)
	SynLinear   uint8         // first repeats of a SYN that come without a backoff
	SynR2       uint8         // repeats of a SYN before it is given up; 0: R2Syn decides
	SynAckR2    uint8         // repeats of a SYN,ACK; 0: R2Syn decides
	DataR2      uint8         // R2 of text and FIN (RFC 9293 3.8.3), in repeats that begin at RTOMin; 0: the user timeout decides
	OrphanR2    uint8         // the same when the user is gone
	R2Syn       time.Duration // after which a SYN is given up (RFC 9293 MUST-23); 0: the user timeout decides
	UserTimeout time.Duration // RFC 9293 3.8.3 R2 and 3.10.8; 0: none
	OpenTimeout time.Duration // after which an active OPEN is given up, whatever was repeated; 0: none
	SynAgain    time.Duration // between a refusal and the next SYN (RefusedTriesAgain)
	PersistMin  time.Duration // shortest and
	PersistMax  time.Duration // longest time between probes of a closed window (RFC 9293 3.8.6.1); 0: as the RTO

	FinAckDelay time.Duration // of the ACK of a FIN in ESTABLISHED, so that ours can carry it; 0: none
	FinAckTick  time.Duration // the same where no text has come before
	AckAdapts   bool          // the delay of an ACK follows the times between segments, and whether the user answers
	QuickAcks   uint8         // then, most segments that are acknowledged at once when text begins and when it comes again
	DelayedAck  time.Duration // longest delay of an ACK (RFC 9293 3.8.6.3, MUST-40), or with AckAdapts the first one; 0: none
	SWSOverride time.Duration // after which a small segment goes all the same (RFC 9293 3.8.6.2.1)

	KeepIdle     time.Duration // before the first keep-alive (RFC 9293 3.8.4, MUST-28)
	KeepInterval time.Duration // between keep-alives
	KeepCount    uint8         // keep-alives without an answer before the connection is dead

	// UserTimeoutFromRepeat counts the user timeout from the first repeat or probe, but
	// that of a SYN from the SYN; off, from when something is sent (RFC 9293 3.8.3).
	UserTimeoutFromRepeat bool
	// R2Counts takes R2 of text and FIN for a number of repeats; off, for the time that
	// they take if the RTO is RTOMin (RFC 9293 3.8.3: either may be).
	R2Counts bool
	// FinWait2Shut limits FIN-WAIT-2 also for a user that has given up reading.
	FinWait2Shut bool
	// FinWait2ByRTO lets FIN-WAIT-2 without a user last three and a half RTOs at least.
	FinWait2ByRTO bool
	// KeepAliveEnds sends no keep-alives once the peer has acknowledged our FIN, or we the
	// peer's and sent ours: in FIN-WAIT-2 and LAST-ACK.
	KeepAliveEnds bool
	// KeepAliveUserTimeout lets the user timeout, if there is one, decide for how long
	// keep-alives go on; off, KeepCount (RFC 9293 3.8.4).
	KeepAliveUserTimeout bool
	// RoundedBuffer rounds RCV.BUFF up to whole segments when the handshake is over.
	RoundedBuffer bool
	// ListenTextDropped takes neither text nor FIN from the SYN of a passive open.
	ListenTextDropped bool
	// EdgesAccepted accepts what ends where the last ACK that was sent has it, or begins at
	// the right edge of the window, and takes text that goes beyond the edge if the user has
	// read all, and a FIN in any case; off, what lies in the window (RFC 9293 3.10.7.4
	// first).
	EdgesAccepted bool
	// HeldFinCovered lets text that comes for numbers from a held FIN on take its place; off,
	// the FIN counts: a peer sends none behind it.
	HeldFinCovered bool
	// FinAckApart acknowledges the peer's FIN in FIN-WAIT-1 before all else that can be sent.
	FinAckApart bool
	// SackOnAll reports what is held on segments with text too, which are the shorter for it,
	// and on the RST of an abort; off, on ACKs (RFC 2018 4).
	SackOnAll bool
	// DSACK reports what came twice (RFC 2883), and DSACKAtOnce does not let that report wait
	// where text is new in part.
	DSACK, DSACKAtOnce bool

	// Minshall lets a small segment wait only for an ACK of another small one (the Nagle
	// algorithm as modified by Minshall); off, of anything (RFC 9293 3.7.4).
	Minshall bool
	// WholeSegments sends nothing rather than less than fits the window, until the override
	// timeout (RFC 9293 3.8.6.2.1).
	WholeSegments bool
	// OverrideByRTO is that timeout; off, SWSOverride.
	OverrideByRTO bool
	// CwndInSegments counts the congestion window in segments, a FIN as one; off, in octets,
	// and a FIN as none (RFC 5681 2).
	CwndInSegments bool
	// MoreOnce takes what a SEND says that is not to be pushed for that call's: text goes with
	// the next segment that comes, and with CLOSE, and is never marked as pushed; off, CLOSE
	// pushes it (RFC 9293 3.9.1.4).
	MoreOnce bool
	// PushBursts pushes the last of segments that leave together: two, or as many as a
	// 1,024th of a second takes.
	PushBursts bool
	// RepeatsAsSent repeats no text together with what was not sent with it; off, as much as
	// fits a segment (RFC 9293 3.8.1).
	RepeatsAsSent bool
	// RepeatInClosedWindow goes on repeating what was sent although the window has closed;
	// off, it is probed (RFC 9293 3.8.6.1).
	RepeatInClosedWindow bool
	// IdleByAck takes a connection for idle since the last segment that was accepted; off,
	// since the last that came (RFC 9293 3.8.4).
	IdleByAck bool

	// ResetAtSack honours a RST also at the end of all that has come behind a gap, where
	// both ends use SACK (RFC 5961 3.2 knows RCV.NXT only).
	ResetAtSack bool

	LossProbe  bool  // the last segment goes again after two round trips without an ACK (RFC 8985 7)
	Reordering uint8 // a hole below a SACK is lost after this part of a round trip (RFC 8985 6.2); 0: by what is reported alone
	ICMPBeyond uint8 // numbers from SND.NXT on that an ICMP message may quote (RFC 5927 4.1)

	ChallengeLimit    uint8         // challenge ACKs in any interval so long, up to MaxChallenges (RFC 5961 7)
	ChallengeInterval time.Duration // up to a minute; 0: no limit

	RcvBuf        uint32 // octets: RCV.BUFF (RFC 9293 3.8.6.2.2)
	SndBuf        uint32 // octets of text that SEND takes before it is acknowledged
	WScale        uint8  // shift count offered (RFC 7323 2.2)
	ScaleByBuffer bool   // a user that asks for a smaller RCV.BUFF is offered no more shift than that needs
	InitialWindow uint8  // congestion window at the start, in segments (RFC 6928 2),
	InitialOctets uint32 // and in octets, unless two segments are more; 0: segments alone
	TimestampTick time.Duration
	Tick          time.Duration // timers expire on ticks of a wheel that turns slower for later ones; 0: exactly
	Layout        Layout
}

// RFC9293 is the profile of RFC 9293 and of the RFCs that it builds on. Where
// they leave a number open, it says so.
var RFC9293 = Profile{
	Name: "rfc9293",
	Features: RFC5961Reset | RFC5961Syn | RFC5961Ack | RFC6191 | ResetAfterClose | PassiveSynListen |
		WindowOnEqualAck | Timestamps | SACK | SackFin | WindowScale | Nagle | SillyWindow | CongestionControl | RFC6298,

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
	ScaleByBuffer: true,
	InitialWindow: 10,    // RFC 6928 2
	InitialOctets: 14600, // RFC 6928 2
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
