// Package fsm is the TCP state machine of RFC 9293 3.10: user calls, arriving
// segments and timeouts, each a step that turns one event into actions.
//
// The machine is a table of rules (see Rules). A rule says where it applies,
// which clause of which RFC it carries out, and which states it may enter; the
// same rows run the machine, draw its diagram and count its coverage.
//
// A [TCB] holds all that one end of a connection knows. It is a value without
// pointers: it can be copied, compared with ==, and kept in a slab. A [Conn]
// binds a TCB to the [Profile] whose switches and numbers it follows, and
// steps it:
//
//	out = c.Step(now, fsm.Arrives(seg, iss), out[:0])
//	for _, a := range out { ... }
//	at := c.Deadline() // when to step with fsm.Tick
//
// What comes in is an [Event]: a call of the user, a segment, the passing of a
// deadline. What goes out are [Action]s: segments to send, octets to take from
// the segment that arrived, signals to the user, changes of state. Nothing else
// goes in or out: no clock, no I/O, no randomness, no allocation. Whatever is
// free for TCP to choose (an initial sequence number) comes with the event.
//
// The machine counts octets and never sees them. A segment has a length, an
// action says which octets of it are taken and how many can be read; who drives
// the machine keeps the text itself (see Action).
//
// # Limits
//
// Security compartments (RFC 9293 appendix A.1), IP options and source routes,
// ECN, path MTU discovery, TCP fast open and authentication are left out. A TCB
// holds at most [MaxHeld] ranges of text behind gaps and remembers at most
// [MaxSacked] ranges that the peer has reported as received; text beyond that
// is dropped, and sent again by its sender. Both numbers are generous for what
// four SACK blocks can report (RFC 2018 3), and they keep a TCB small.
package fsm
