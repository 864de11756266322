package fsm

import (
	"fmt"
	"strings"
)

// State is a state of a connection (RFC 9293 3.3.2). The zero value is CLOSED:
// there is no TCB.
type State uint8

// The states, in the RFC's order.
const (
	Closed State = iota
	Listen
	SynSent
	SynReceived
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait

	numStates
)

var stateNames = [numStates]string{
	"CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED",
	"FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT",
}

// String gives the RFC's name, "FIN-WAIT-1".
func (s State) String() string {
	if s < numStates {
		return stateNames[s]
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// Synchronized reports whether both SYNs have been exchanged: ESTABLISHED and
// the states after it (RFC 9293 3.5.2).
func (s State) Synchronized() bool { return s >= Established }

// otherStateNames are the spellings of kernels and of their tools that differ
// from the RFC's by more than "_" for "-" and a prefix TCP_ or TCPI_.
var otherStateNames = map[string]State{
	"CLOSE":     Closed,
	"SYN-RCVD":  SynReceived,
	"SYN-RECV":  SynReceived,
	"FINWAIT1":  FinWait1,
	"FINWAIT2":  FinWait2,
	"FINWAIT-1": FinWait1,
	"FINWAIT-2": FinWait2,
	"FIN-WAIT1": FinWait1,
	"FIN-WAIT2": FinWait2,
}

// ParseState reads the name of a state: the RFC's, with "_" for "-" or not, or
// a kernel's (TCP_CLOSE_WAIT, SYN_RCVD, TCPI_CLOSE).
func ParseState(name string) (State, error) {
	s := strings.TrimPrefix(strings.TrimPrefix(name, "TCPI_"), "TCP_")
	s = strings.ReplaceAll(s, "_", "-")
	for i, n := range stateNames {
		if n == s {
			return State(i), nil
		}
	}
	if st, ok := otherStateNames[s]; ok {
		return st, nil
	}
	return Closed, fmt.Errorf("unknown state %q (want CLOSED, LISTEN, SYN_SENT ... TIME_WAIT)", name)
}

// States is a set of states.
type States uint16

// Sets that the RFC names, or that several rules share.
const (
	anyState      = States(1<<numStates - 1)
	unsynchronous = States(1<<Closed | 1<<Listen | 1<<SynSent)
	synchronized  = anyState &^ (unsynchronous | 1<<SynReceived)
	// finless are the states in which the peer's FIN has not come yet.
	finless = States(1<<Established | 1<<FinWait1 | 1<<FinWait2)
	// canSend are the states in which the user may send.
	canSend = States(1<<Established | 1<<CloseWait)
	// unsent are the synchronized states in which text or our FIN may still be
	// unsent or unacknowledged.
	unsent = synchronized &^ (1<<FinWait2 | 1<<TimeWait)
	// idle are the states in which a connection may be idle for ever.
	idle = States(1<<Established | 1<<FinWait2 | 1<<CloseWait)
	// closedOurs are the states in which the user's CLOSE has been carried out.
	closedOurs = States(1<<FinWait1 | 1<<FinWait2 | 1<<Closing | 1<<LastAck | 1<<TimeWait)
)

// in makes a set.
func in(states ...State) States {
	var set States
	for _, s := range states {
		set |= 1 << s
	}
	return set
}

// Has reports whether s is in the set.
func (set States) Has(s State) bool { return set&(1<<s) != 0 }

// Each gives the members in the RFC's order.
func (set States) Each() []State {
	var all []State
	for s := Closed; s < numStates; s++ {
		if set.Has(s) {
			all = append(all, s)
		}
	}
	return all
}

func (set States) String() string {
	var names []string
	for _, s := range set.Each() {
		names = append(names, s.String())
	}
	return strings.Join(names, ", ")
}
