// Package scenarios plays scripts and checks what they expect, and holds the
// library of them.
//
// A script (package script) is a list of events: calls, segments that are
// expected or forged, faults of the network, parameters. [Play] builds the
// network that the script's options describe (package sim), moves its clock from
// event to event, and holds what happens against the script. The first
// expectation that does not hold ends the run; the [Outcome] says where.
//
// A script of several hosts keeps its own time: a segment that is late does not
// make what is expected behind it late. Its lines are sorted by host, and each
// host's are met in order as it sends (lines.go). A one-host script is played as
// packetdrill plays it: time counts from when the event before was finished, and
// segments wait in a row until a line meets them (run_one.go).
//
// # Limits
//
// See docs/language.md for what the language has. A run ends with an error after
// [MaxEvents] simulated events, or when the script would wait for more than
// [MaxVirtual].
package scenarios
