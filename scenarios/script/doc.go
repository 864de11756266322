// Package script turns the text of a scenario into a syntax tree, and the tree
// back into text.
//
// The language is packetdrill's for TCP, in the dialects of its two test
// suites, and what a story of two hosts adds to it: a host in front of the
// event, link lines, profiles. Parse reads it in one pass, with a cursor that
// goes back over no more than white space and a word: the time taken is linear
// in the text. The first error ends it; an *Error says where and why.
// Script.String prints the canonical text, which parses to the same tree, and
// each part of the tree prints itself in the notation of scripts.
//
// ast.go holds the tree; lex.go the cursor; parse.go lines, time.go times,
// packet.go and segment.go what is on the wire, call.go calls and values,
// link.go faults; print.go and expr.go the way back.
//
// # Canonical text
//
//   - One event a line. Times, hosts and actions of neighbouring events stand
//     in columns; a comment, an empty line or an untimed command ends the run.
//   - Times have the fewest digits: 0.1, +.1 (no zero in front of the point
//     behind a sign), +0, +0...0.02.
//   - Profiles, time, host, action, in this order and with one space between.
//   - Numbers and strings of calls keep their spelling, or-ed flags lose their
//     spaces (A|B), lists gain one (a, b), TCP options have none (a,b).
//   - "client > client:1 > server:2 S" becomes "client:1 > server:2 S".
//   - Comments keep their text; one inside an event moves to the line above
//     it, one behind an event stays behind it. Empty lines become one.
//
// # Where packetdrill leaves it open
//
//   - A line ends an event: two on one line are an error. An event may go on
//     in the next line where it must (inside brackets, behind "=") and in front
//     of "=", "|", ack, win, urg, "<...>" and what else may follow a segment.
//     An errno and a note stand on the line of their result.
//   - Host, process and profile names are identifiers. No host is called link.
//   - The end of "+a...b" counts from the same moment as a. It has no sign.
//   - Only a segment that a host sends has the time "*" or a window, only a
//     call blocks, and only commands and code have no time.
//   - Sequence and acknowledgment numbers may be negative: -1 is 4294967295.
//
// # Limits
//
// A time is at most 10^9 seconds, nesting at most 100 deep. Packets are TCP
// and ICMP. Control bytes other than tab and newline are refused. Names of
// calls, options, hosts and constants are for the caller to judge.
package script
