// Package sim plays TCP between simulated hosts in virtual time.
//
// A [Network] is a clock and a queue of events, hosts joined by links, and the
// connections between them. A [Host] has addresses, a [System] whose rules it
// follows, and processes; a [Process] has descriptors and makes calls, BSD's,
// which may block. The TCP of each connection is package fsm's, one TCB a
// connection; sim keeps its octets, its timers and its place in the network.
//
//	n := sim.New(sim.Config{Link: sim.Link{Delay: 10 * time.Millisecond}})
//	h := n.AddHost("client", sim.RFC9293(), addr)
//	c := h.Process("").Call(&sim.Call{Op: sim.OpSocket})
//	err := n.Run(until, limit)
//
// What happens is told as a log: one [Record] for each thing that a step does,
// handed to whoever listens. The [Ladder], captures (package pcap) and the
// coverage of rules are made from it; without a listener no record is made.
//
// # Turns
//
// A turn is one event, a segment that arrives, a deadline, a call, and all that
// follows from it at once: the steps of the machine, and the calls that it lets
// return. A turn ends before the next begins. Events of one instant take their
// turns in the order in which they were queued, which makes a run repeatable:
// nothing else decides an order, and whatever is free to be chosen is asked of
// the [Chooser].
//
// # How it is kept
//
// Connections, sockets and packets are values in slabs, without pointers where
// there are many; a packet is a struct, and bytes are made of it only for a
// capture. The queue is a radix heap. A timer is a deadline in the TCB and at
// most one queued event, which is put back if it comes early and dropped if its
// connection is gone. Text is known by its place in its stream: its octets are
// made when somebody asks for them.
//
// # Limits
//
// There is no IP below: no routing, no fragmentation; an ICMP message comes only when
// [Network.Advise] is asked for one. A link has no queue that overflows. Processes do not take time. Of a descriptor only sockets
// can be behind it.
package sim
