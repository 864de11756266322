package fsm

import "fmt"

// ActionKind tells what an Action is.
type ActionKind uint8

// The kinds of action, with the fields of Action that they use.
const (
	// Fired tells that a rule fired. It is given only if the Conn traces.
	Fired ActionKind = iota
	// Emit sends Seg, whose text is the octets [Seg.Seq, Seg.Seq+Seg.Len) of the
	// send queue. Bases tells how its numbers relate to the connection.
	Emit
	// Enter is a change of state, From to To.
	Enter
	// Reply is the answer to a user call: Result, and N, the octets that SEND
	// took or RECEIVE gives.
	Reply
	// Take asks for the octets [Seq, Seq+N) of the segment that arrived to be
	// kept: they lie behind a gap.
	Take
	// Deliver makes the octets [Seq, Seq+N) readable, which follow those before
	// them: those of the segment that arrived, as far as they reach, and those
	// that were kept.
	Deliver
	// Acked tells that N more octets of the send queue are acknowledged and can
	// be let go.
	Acked
	// Notify signals the user: Result tells what.
	Notify
	// Drop tells that the segment that arrived, or the rest of it, was dropped.
	Drop
	// Reopen asks for the segment that arrived, a SYN, to be given to the
	// listener of its port: TIME-WAIT is over for it (RFC 9293 MAY-2).
	Reopen
)

var actionNames = [...]string{
	"fired", "emit", "enter", "reply", "take", "deliver", "acked", "notify", "drop", "reopen",
}

func (k ActionKind) String() string {
	if int(k) < len(actionNames) {
		return actionNames[k]
	}
	return fmt.Sprintf("ActionKind(%d)", uint8(k))
}

// Result is the answer to a call, or a signal to the user, in the RFC's words
// (RFC 9293 3.10).
type Result uint8

// The results.
const (
	OK           Result = iota // "ok"
	Queued                     // the call is queued: nothing to deliver yet
	NotExist                   // "error: connection does not exist"
	Exists                     // "error: connection already exists"
	Unspecified                // "error: remote socket unspecified"
	Resources                  // "error: insufficient resources"
	ClosingError               // "error: connection closing"
	ResetError                 // "error: connection reset"
	Refused                    // "error: connection refused"
	TimedOut                   // "error: connection aborted due to user timeout"
	NoAnswer                   // R2 is reached (RFC 9293 3.8.3)
	PeerDead                   // keep-alives stay unanswered (RFC 9293 3.8.4)
	Unreachable                // an ICMP message has ended the connection; N is its reason (RFC 9293 3.9.2.2)
	Advised                    // an ICMP message tells of an error that may pass; N is its reason (RFC 9293 SHLD-25)
	Urgent                     // the remote side has urgent data (RFC 9293 MUST-32)
	Delivery                   // R1 is reached: delivery is in doubt (RFC 9293 SHLD-9)
)

var resultNames = [...]string{
	"ok", "queued", "connection does not exist", "connection already exists", "remote socket unspecified",
	"insufficient resources", "connection closing", "connection reset", "connection refused",
	"connection aborted due to user timeout", "connection aborted: no answer",
	"connection aborted: keep-alives unanswered", "connection aborted: unreachable", "unreachable for now", "urgent data", "delivery in doubt",
}

func (r Result) String() string {
	if int(r) < len(resultNames) {
		return resultNames[r]
	}
	return fmt.Sprintf("Result(%d)", uint8(r))
}

// Bases tells where the sequence and acknowledgment numbers of an emitted
// segment come from, so that they can be shown relative to the right initial
// sequence numbers.
type Bases uint8

const (
	// Own numbers: SEQ counts from ISS, ACK from IRS.
	Own Bases = iota
	// Answered is a reset made from the segment that it answers; SEQ counts from
	// where that segment's ACK does, and ACK from where its SEQ does.
	Answered
)

// Action is one thing that a step does. It is a value without pointers; Kind
// tells which fields count.
type Action struct {
	Kind     ActionKind
	Rule     RuleID // which rule did it
	From, To State
	Result   Result
	Bases    Bases
	Seq      Seq
	N        uint32
	Seg      Segment
}
