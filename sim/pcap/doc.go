// Package pcap turns a run into a capture: a pcap file with nanoseconds, or a
// pcapng file that also knows names, interfaces, and what each segment did.
//
// A [Writer] listens to a network's log. Of each packet that is seen at its
// [Vantage] it makes the frame (package wire), puts the record's header in
// front, and gathers frames until there are enough for one write. Nothing grows
// with the length of the run, and a packet allocates nothing.
//
// writer.go takes records, frame.go makes frames, file.go and pcapng.go know
// the formats, comment.go tells what segments did.
//
// # What is seen
//
// A host sees what tcpdump would see there: what it sends when it sends it,
// be it lost later or not, and what reaches it when it arrives, forged or
// repeated. A link sees each packet once, at the instant at which it is sent;
// what is forged, when it arrives. What a host sends to itself is seen there
// once, when it arrives, and on no link.
//
//   - Time 0 of a run is [Epoch], and the wall clock is never looked at: the same
//     run gives the same file, octet for octet.
//   - Hosts have the hardware addresses 02:00:00:00:00:01, 02:00:00:00:00:02 and
//     so on, in the order in which they were added. An address of no host lies
//     behind 02:00:00:00:ff:ff.
//   - Frames are never padded to Ethernet's 60 octets: a sender's tcpdump sees
//     them before that is done, and here every end sees the same.
//   - Each host counts its IPv4 identifications from 1, and a packet keeps its
//     own wherever it is seen. Forged packets have a count to themselves. The
//     TTL is 64 everywhere: there are no routers.
//
// # Comments
//
// A packet that is seen where it is sent says by which rule, and one that is
// seen where it arrives, what it did there, with the clause that says so:
//
//	client ESTABLISHED -> FIN-WAIT-1, close-established, RFC 9293 3.10.4, ESTABLISHED
//	server ESTABLISHED -> CLOSE-WAIT, fin-established, RFC 9293 3.10.7.4, eighth, MUST-12
//
// Several changes of state are joined by semicolons. Without one, the last rule
// is named that tells of more than the segment's being in order. A line of its
// own tells if the packet was forged or is a copy, or what the network did to
// it ("network: the script drops it"). As the turn of an arriving packet must be
// over before its comment can be written, packets wait for the end of theirs.
//
// # Errors
//
// The first error ends the capture, and Close reports it: one of writing, or a
// packet that cannot be encoded (see package wire). Writes begin and end with
// a whole packet.
//
// # Limits
//
// A packet that was under way before the Writer came has the identification 0,
// and one that 65,536 others overtake that of another. A pcap file ends in the
// year 2106. There is one section in a file, and no statistics. Wireshark looks
// at all interfaces of a file as one, and so takes the second sight of a packet
// for a retransmission: for its analysis, capture at one host.
//
// # Figures
//
// BenchmarkWrite: the time for a packet as a share of what google/gopacket
// 1.1.19 takes with its layers and buffer used again, the making of the records
// taken off both. Files are on tmpfs; write(2) is the mere writing of as many
// octets.
//
//	                0 octets, discarded    file   512 octets, discarded    file
//	pcap                           0.23    0.39                    0.18    0.50
//	pcapng                         0.26    0.45                    0.19    0.52
//	with comments                  0.66    0.86                    0.31    0.63
//	write(2)                          –    0.21                       –    0.43
//	allocations                       0       0                       0       0
package pcap
