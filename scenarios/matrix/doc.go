// Package matrix plays every way in which a program can end a connection, and
// says what comes of each.
//
// A [Cell] is one combination: the state in which the call finds the
// connection, the call, SO_LINGER, whether the descriptor blocks, what is
// pending, what the peer does then, and the profile of both hosts. [Cells] lists
// all of them. A cell is played as a story of two hosts, "local" and "peer",
// that is put together from small pieces: bring the socket into the state
// (state.go), with what is to be pending (pending.go), make the call, let the
// peer react (peer.go). Then virtual time passes until nothing happens any more,
// or for an hour. A [Result] says what was seen from the call on; invariants
// (invariant.go) are checked over the whole run: one FIN, no text behind it, ACKs
// that never go back, RSTs of the right form that answer no RST, states in their
// order, TIME-WAIT where it belongs and as long as it must, calls that block no
// longer than SO_LINGER says, and no connection without an owner for ever.
//
// A combination that cannot be is no gap: its result says why. Some contradict
// themselves whatever the system (reason.go); of others the run tells, when the
// call finds a state other than the one that it was to find.
//
// The steps of a story are carried out on package sim and, for [Script], written
// as a script with what was seen as its expectations. The package reads no files
// and no clock: a cell gives the same result each time, whoever runs it.
//
// # Limits
//
// The peer's system is the same as the local one, over one path without loss of
// its own, in one pace: delays of 10 ms. SYN-RECEIVED is that of a simultaneous
// open, as a listener's child has no descriptor before it is accepted. Text is
// pending in one amount each.
package matrix
