// Package wire turns segments into datagrams and back: IPv4 or IPv6, TCP with
// its options, the text. A capture and a peer that wants octets need it; the
// simulation itself passes segments as values.
//
// [Append] makes a datagram from a [Header], [Parse] reads one back and checks
// it: version, lengths, checksums, options. What Parse gives, Append makes
// again, and what Append makes, Parse gives again.
//
// A [Template] makes the same octets as Append for one direction of a
// connection, and after SetPorts of another between the same addresses. It
// keeps the header with its checksums half done and fills in what varies; a text
// costs one reading for its checksum and one copy. BenchmarkTemplate takes 0.2
// of the time of BenchmarkAppend, and with a text of 512 octets 0.3 of it.
//
// append.go, parse.go and options.go are the plain way, header by header;
// template.go and plan.go the fast one; checksum.go serves both.
//
// # Choices
//
//   - A datagram is not fragmented, and says so: DF is set over IPv4.
//   - Fields that a flag makes valid (SEG.ACK, SEG.UP) are written and read
//     whether the flag is set or not: they are in the header in any case.
//   - Of an option that comes twice the last counts, as in most stacks. The
//     option of a SYN counts in any segment: what it means there is TCP's to say.
//   - A parsed segment has the first [fsm.Layout] that would write its options
//     as they came, else the zero one.
//
// # Limits
//
// IPv4 options are skipped. IPv6 extension headers, fragments, jumbograms and
// zones are left out, and so is every TCP option that [fsm.Options] has no
// field for: Parse skips those. The IPv6 flow label and TCP's reserved bits are
// zero, and ignored in what comes in (RFC 9293 3.1).
package wire
