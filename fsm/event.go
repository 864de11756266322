package fsm

import (
	"fmt"
	"math"
	"time"
)

// Time is an instant of a run, in nanoseconds of virtual time since its start.
type Time int64

// Never is later than any instant.
const Never Time = math.MaxInt64

// Add gives the instant d after t.
func (t Time) Add(d time.Duration) Time { return t + Time(d) }

// Sub gives the time from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// Seconds gives t in seconds.
func (t Time) Seconds() float64 { return time.Duration(t).Seconds() }

// String writes t in seconds, to the microsecond: "0.130000".
func (t Time) String() string {
	if t == Never {
		return "never"
	}
	us := int64(t) / 1000
	return fmt.Sprintf("%d.%06d", us/1e6, us%1e6)
}

// EventKind tells what an Event is.
type EventKind uint8

// The events of RFC 9293 3.10, and Set, by which the user states a parameter.
const (
	EvOpen EventKind = iota
	EvSend
	EvReceive
	EvClose
	EvAbort
	EvStatus
	EvSet
	EvSegment
	EvTick
	EvICMP

	numEvents
)

var eventNames = [numEvents]string{
	"OPEN", "SEND", "RECEIVE", "CLOSE", "ABORT", "STATUS", "SET", "SEGMENT ARRIVES", "TIMEOUT", "ICMP MESSAGE",
}

func (k EventKind) String() string {
	if k < numEvents {
		return eventNames[k]
	}
	return fmt.Sprintf("EventKind(%d)", uint8(k))
}

// Param names what a Set event states.
type Param uint8

// The parameters that a user may state for one connection, and two facts.
const (
	NoDelay       Param = iota // 1: without the Nagle algorithm (RFC 9293 3.7.4, MUST-17)
	Cork                       // 1: hold what does not fill a segment; 0: push it (RFC 9293 3.9.1.2, MAY-15)
	KeepAlive                  // 1: send keep-alives when idle (RFC 9293 3.8.4, MUST-24)
	KeepIdle                   // milliseconds before the first of them (RFC 9293 MUST-27)
	KeepInterval               // milliseconds between them
	KeepCount                  // how many without an answer
	UserTimeout                // milliseconds; 0: none (RFC 9293 3.9.1.1, MUST-21)
	RcvBuf                     // octets (RFC 9293 3.8.6.2.2)
	SndBuf                     // octets
	MaxSegment                 // octets of text in a segment, at most
	FinWait2Limit              // milliseconds in FIN-WAIT-2 without a user; 0: as the profile has it; NoFinWait2: none at all
	NoOptions                  // 1: our SYN carries no options, and none is in use
	ShutReceive                // the user gives up reading
	CloseLater                 // the user will send no more: the FIN follows the handshake
	Detach                     // the user is gone and only TCP is left (RFC 9293 3.6.1, MAY-1)
)

// Advice is what an ICMP message means to a connection (RFC 9293 3.9.2.2).
type Advice uint8

// The kinds of advice.
const (
	Quench    Advice = iota // slow down: nobody does any more (MUST-55)
	SoftError               // it may pass (MUST-56)
	HardError               // it will not (SHLD-26)
)

// NoFinWait2 is the value of FinWait2Limit for a connection that is not to enter
// FIN-WAIT-2 without a user: it is reset instead.
const NoFinWait2 = 1<<32 - 1

// Event is one thing that happens to a connection. It is a value without
// pointers; Kind tells which fields count. Make one with the functions below.
type Event struct {
	Kind    EventKind
	Param   Param
	Active  bool   // OPEN: active, not passive
	Remote  bool   // OPEN, SEND: the remote socket is specified
	Push    bool   // SEND: the PUSH flag
	Urgent  bool   // SEND: the URGENT flag
	Listens bool   // SEGMENT ARRIVES: a listener waits at the segment's port
	Forget  bool   // ABORT: what is unread does not count
	Advice  Advice // of ICMP MESSAGE, which quotes Seg.Seq
	N       uint32 // octets of SEND and RECEIVE, value of Set, milliseconds of an OPEN's timeout (0: the profile's); for ICMP MESSAGE whatever its Notify is to give
	ISS     Seq    // what OPEN, SEND or SEGMENT ARRIVES may take as initial sequence number
	Seg     Segment
}

// ActiveOpen is an OPEN call that connects to a remote socket.
func ActiveOpen(iss Seq) Event { return Event{Kind: EvOpen, Active: true, Remote: true, ISS: iss} }

// PassiveOpen is an OPEN call that listens.
func PassiveOpen() Event { return Event{Kind: EvOpen} }

// Send is a SEND call for n octets, pushed.
func Send(n uint32) Event { return Event{Kind: EvSend, N: n, Push: true} }

// Receive is a RECEIVE call for up to n octets.
func Receive(n uint32) Event { return Event{Kind: EvReceive, N: n} }

// Close is a CLOSE call.
func Close() Event { return Event{Kind: EvClose} }

// Abort is an ABORT call.
func Abort() Event { return Event{Kind: EvAbort} }

// Disconnect is an ABORT call of a user that wants the connection no more, unread text
// neither.
func Disconnect() Event { return Event{Kind: EvAbort, Forget: true} }

// Status is a STATUS call.
func Status() Event { return Event{Kind: EvStatus} }

// Set states a parameter of the connection.
func Set(p Param, value uint32) Event { return Event{Kind: EvSet, Param: p, N: value} }

// Arrives is the arrival of a segment. iss is what a listener may take as its
// initial sequence number.
func Arrives(seg Segment, iss Seq) Event { return Event{Kind: EvSegment, Seg: seg, ISS: iss} }

// ICMPMessage is an ICMP message that quotes a segment with the number seq. What the
// user is told of it has the reason.
func ICMPMessage(a Advice, seq Seq, reason uint32) Event {
	return Event{Kind: EvICMP, Advice: a, Seg: Segment{Seq: seq}, N: reason}
}

// Tick tells that the instant of Deadline has come.
func Tick() Event { return Event{Kind: EvTick} }
