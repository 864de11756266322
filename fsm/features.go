package fsm

import "math/bits"

// Features are switches of the machine. A rule runs only under a profile that
// has the switches it names; stacks differ by their switches and numbers alone.
type Features uint64

// The switches. Those that rules name come first: there is room for 48 in a row.
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
	// CongestionControl is slow start, congestion avoidance, fast retransmit and
	// fast recovery (RFC 5681, RFC 6582, RFC 6675).
	CongestionControl
	// ResetTold tells the user of a RST in CLOSING and LAST-ACK too.
	ResetTold
	// TimeWaitResetExact drops a RST in TIME-WAIT that is not at RCV.NXT; off, it is
	// challenged as elsewhere (RFC 5961 3.2).
	TimeWaitResetExact
	// FinAgainInClosing answers the FIN that crosses ours with ours again; off, with
	// an ACK (RFC 9293 3.10.7.4 eighth).
	FinAgainInClosing
	// AckLeftOfWindow processes the ACK of a segment that lies wholly to the left of
	// the window; off, all of it is dropped (RFC 9293 3.10.7.4 first).
	AckLeftOfWindow
	// SynBeyondReopens lets a SYN end TIME-WAIT by its number alone (RFC 9293 MAY-2).
	SynBeyondReopens
	// TimeWaitAckless drops in TIME-WAIT, without a word, what carries no ACK.
	TimeWaitAckless
	// TimeWaitAcksAll answers in TIME-WAIT all but the very ACK that is expected; off,
	// an ACK in the window is ignored whatever it acknowledges.
	TimeWaitAcksAll
	// TimeWaitMute ignores in TIME-WAIT all but SYN, RST and the peer's FIN; off, what
	// lies outside the window is answered (RFC 9293 3.10.7.4 first).
	TimeWaitMute
	// TimeWaitRestarts restarts the 2 MSL whenever something with an ACK comes, ignores
	// what is empty and has the number that is expected, and answers all else but SYN
	// and RST; off, the peer's FIN alone restarts them, and what carries no ACK, or one of
	// what was never sent, fares as elsewhere (RFC 9293 3.10.7.4 fifth, eighth).
	TimeWaitRestarts
	// ListenSynAckSilent drops a SYN,ACK in LISTEN; off, it draws a RST (RFC 9293
	// 3.10.7.2 second).
	ListenSynAckSilent
	// ListenSynFinDropped drops a SYN with a FIN in LISTEN; off, the SYN counts.
	ListenSynFinDropped
	// SynFinDropped drops a SYN with a FIN in LISTEN, SYN-SENT and TIME-WAIT.
	SynFinDropped
	// SynTextDropped takes from a SYN neither text nor FIN: they must come again; off,
	// they wait for the handshake to end (RFC 9293 3.10.7.2 to 3.10.7.4).
	SynTextDropped
	// PassiveSynReset answers a new SYN in a passive SYN-RECEIVED with a RST, and
	// forgets the embryo.
	PassiveSynReset
	// AbortClosingReset sends the RST of an abort in CLOSING and LAST-ACK too; off,
	// nothing (RFC 9293 3.10.5).
	AbortClosingReset
	// AbortSynReceivedSilent sends no RST for an abort in SYN-RECEIVED.
	AbortSynReceivedSilent
	// CloseSynReceivedDeletes makes CLOSE in SYN-RECEIVED delete the connection, without
	// a word; off, a FIN follows the SYN (RFC 9293 3.10.4).
	CloseSynReceivedDeletes
	// RefusedTriesAgain takes a RST that refuses a SYN for a passing one: the SYN goes
	// again, as often as it may.
	RefusedTriesAgain
	// TextAfterShutReset answers new text with a RST once the user has given up reading.
	TextAfterShutReset
	// FinWait2Alone keeps of a connection in FIN-WAIT-2 without a user just enough to
	// take the peer's FIN: nothing is held, and any RST in the window ends it.
	FinWait2Alone
	// AnswersLimited counts the answers to empty segments and SYNs outside the window, and to
	// ACKs of what was never sent, among the challenge ACKs; off, each is answered.
	AnswersLimited
	// SynExactReset resets a connection on a SYN at RCV.NXT, and challenges one elsewhere.
	SynExactReset
	// NumbersAfterClose goes by numbers alone once a side has closed: a FIN behind a gap that
	// nobody is left to fill, and text from before the peer's FIN to beyond it, draw a RST;
	// what lies beyond that FIN is dropped without a word; and nothing is left of a segment
	// that acknowledges our FIN in CLOSING. Off, the FIN is held, and what comes behind the
	// peer's is ignored, or acknowledged (RFC 9293 3.10.7.4 seventh, eighth).
	NumbersAfterClose
	// AbortPendingReset sends the RST of an abort in CLOSING and LAST-ACK if something is
	// unread, or unsent; off, as AbortClosingReset has it.
	AbortPendingReset
	// AcklessDropped drops what carries neither ACK, RST nor SYN before its number is looked
	// at; off, after (RFC 9293 3.10.7.4 first, fifth).
	AcklessDropped
	// EmbryoAckFirst looks at the ACK of a segment before its number, in a SYN-RECEIVED that
	// came from LISTEN: a wrong one draws a RST.
	EmbryoAckFirst
	// CrossedSynAcked acknowledges the SYN,ACK of a simultaneous open although it carries
	// nothing new, and takes any ACK of what was sent for one of the SYN.
	CrossedSynAcked

	// What follows is asked for by what rules do, and named by no rule.

	// WindowScale offers and accepts window scaling (RFC 7323 2).
	WindowScale
	// Nagle holds small segments back while text is unacknowledged (RFC 9293 3.7.4).
	Nagle
	// SillyWindow avoids the silly window syndrome at both ends (RFC 9293 3.8.6.2).
	SillyWindow
	// MinVariance floors the variation of the round-trip time in the RTO with
	// RTOMin: RTO = SRTT + max (RTOMin, 4 * RTTVAR). Off: RTOMin floors the RTO
	// itself (RFC 6298 2.4).
	MinVariance
	// ResetWithAck sends the reset of an abort with an ACK; off, <SEQ=SND.NXT><CTL=RST> (RFC
	// 9293 3.10.5).
	ResetWithAck
	// ResetBelowFin honours a RST at RCV.NXT-1 too when the peer's FIN was the last
	// number: a RST that answered text may carry the number before the FIN.
	ResetBelowFin
	// ResetAfterShutdown takes a user that has given up reading and has closed its
	// sending side for gone: new text is answered with a RST (ResetAfterClose).
	ResetAfterShutdown
	// SynAgainOnBadAck sends a SYN that has not been repeated once more, soon after
	// a segment whose ACK was unacceptable.
	SynAgainOnBadAck
	// ProbeOldNumber probes a closed window with an empty segment at SND.UNA-1; off,
	// with what waits next (RFC 9293 3.8.6.1).
	ProbeOldNumber
	// TimeWaitSynBeyond lets a SYN end TIME-WAIT only if its number lies beyond
	// RCV.NXT; off, beyond the last that was received (RFC 6191 2).
	TimeWaitSynBeyond
	// WindowInSegments offers whole segments: as many as fit RCV.BUFF, and holds as
	// many as RCV.BUFF begins; off, octets (RFC 9293 3.8.6.2.2).
	WindowInSegments
	// RFC6298 computes the RTO from a smoothed round-trip time and its
	// variation; off, by RFC 793's example procedure.
	RFC6298
	// ResetInWindow keeps the RST of an abort, and an ACK that goes alone, within the peer's
	// window; off, they have SND.NXT (RFC 9293 3.10.5, 3.10.7.4).
	ResetInWindow
	// ResetAtLastAck honours a RST at the last number that was acknowledged; off, at
	// RCV.NXT, which a delayed ACK may not have told yet (RFC 5961 3.2).
	ResetAtLastAck
	// ResetGivenUp sends a RST when text or FIN is given up; off, nothing (RFC 9293
	// 3.8.3).
	ResetGivenUp
	// AckRangeAcked counts in RFC5961Ack no further back than what has been acknowledged.
	AckRangeAcked
	// TimeWaitSynUnheard lets a SYN end TIME-WAIT although nobody listens.
	TimeWaitSynUnheard
	// WindowInternal accepts what the receive buffer has room for; off, what was offered
	// (RFC 9293 3.10.7.4 first).
	WindowInternal
	// WindowFollows offers what room there is, octet by octet, unless it is little; off,
	// by whole segments (RFC 9293 3.8.6.2.2).
	WindowFollows
	// SackFin counts a FIN that is held behind a gap in the SACK blocks (RFC 2018 4).
	SackFin
	endOfFeatures
)

// AllFeatures has every switch on.
const AllFeatures = endOfFeatures - 1

// featureNames are the names under which profiles and scripts know the switches.
var featureNames = []string{
	"rfc5961_reset", "rfc5961_syn", "rfc5961_ack", "rfc1337", "rfc6191", "reset_after_close",
	"fin_state_eager", "passive_syn_listen", "syn_ack_again", "ack_of_nothing", "window_on_equal_ack",
	"time_wait_any_ack", "timestamps", "timestamps_required", "sack", "congestion_control", "reset_told",
	"time_wait_reset_exact", "fin_again_in_closing", "ack_left_of_window", "syn_beyond_reopens",
	"time_wait_ackless", "time_wait_acks_all", "time_wait_mute", "time_wait_restarts",
	"listen_syn_ack_silent", "listen_syn_fin_dropped", "syn_fin_dropped", "syn_text_dropped",
	"passive_syn_reset", "abort_closing_reset", "abort_syn_received_silent", "close_syn_received_deletes",
	"refused_tries_again", "text_after_shut_reset", "fin_wait_2_alone", "answers_limited",
	"syn_exact_reset", "numbers_after_close", "abort_pending_reset", "ackless_dropped", "embryo_ack_first", "crossed_syn_acked", "window_scale", "nagle",
	"silly_window", "min_variance", "reset_with_ack", "reset_below_fin", "reset_after_shutdown",
	"syn_again_on_bad_ack", "probe_old_number",
	"time_wait_syn_beyond", "window_in_segments", "rfc6298", "reset_in_window", "reset_at_last_ack",
	"reset_given_up", "ack_range_acked", "time_wait_syn_unheard",
	"window_internal", "window_follows", "sack_fin",
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
