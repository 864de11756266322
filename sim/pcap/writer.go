package pcap

import (
	"errors"
	"fmt"
	"io"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// Epoch is the instant that a capture gives to the start of a run, in seconds
// of Unix time: 2000-01-01T00:00:00Z. Captures never see the wall clock, so that
// a run that is repeated gives the same file.
const Epoch = 946_684_800

// Format is a file format.
type Format uint8

// The formats.
const (
	PCAP   Format = iota // with nanoseconds
	PCAPNG               // with names, interfaces and comments
)

// LinkType is what a frame begins with.
type LinkType uint8

// The link types.
const (
	Ethernet LinkType = iota
	RawIP             // the datagram itself
)

// Vantage is the place where packets are seen. At gives that of a host.
type Vantage int

// The vantages beside those of the hosts.
const (
	// Link is a tap between the hosts: it sees each packet once, when it is
	// sent, and before the network loses or repeats it. What the script forges
	// is seen when it arrives.
	Link Vantage = 0
	// All is every host, each on an interface of its own. It needs pcapng.
	All Vantage = -1
)

// At is the vantage of a host, as tcpdump has it there: what the host sends is
// seen when it is sent, what reaches it when it arrives.
func At(h sim.HostID) Vantage { return Vantage(h) + 1 }

// Options say what is captured and how it is written. The zero value is a tap
// on the link and a pcap file of Ethernet frames.
type Options struct {
	Format   Format
	LinkType LinkType
	Vantage  Vantage
	Comments bool // pcapng: what each segment did, one line for each end that sees it

	// For the section header of a pcapng file.
	Scenario string
	Seed     uint64
	Version  string // of tcpsim
}

// flushAt is how many octets are gathered for one write, packets being whole.
const flushAt = 64 << 10

// Writer turns the records of a run into a capture.
type Writer struct {
	net *sim.Network
	out io.Writer
	o   Options
	err error // the first; nothing is written after it
	end bool  // Close was called

	buf     []byte // what is not written yet
	text    []byte // of the packet at hand
	comment []byte // of the packet at hand

	hosts   []host
	numbers [1 << 16]uint16 // identifications of the last packets, by their numbers
	forged  uint16          // the last identification of a forged one
	paths   [256]path
	turn    turn
	rules   [256]string // how comments tell of a rule, as far as it was asked for
}

// host is what a Writer knows of a host.
type host struct {
	*sim.Host
	id uint16 // the last identification that it gave
}

// New makes a Writer of a network, to be given to it:
//
//	w, err := pcap.New(n, file, pcap.Options{})
//	n.Listen(w.Record, w.Kinds()...)
//	... the run ...
//	err = w.Close()
//
// A host that is added to the network later is known from the next packet on.
func New(n *sim.Network, out io.Writer, o Options) (*Writer, error) {
	switch hosts := len(n.Hosts()); {
	case o.Format > PCAPNG:
		return nil, fmt.Errorf("unknown format %d", o.Format)
	case o.LinkType > RawIP:
		return nil, fmt.Errorf("unknown link type %d", o.LinkType)
	case o.Vantage < All || o.Vantage > Vantage(hosts):
		return nil, fmt.Errorf("no host has the vantage %d, want 1 to %d", o.Vantage, hosts)
	case o.Format == PCAP && o.Vantage == All:
		return nil, errors.New("a pcap file has one interface, all hosts want pcapng")
	case o.Format == PCAP && o.Comments:
		return nil, errors.New("a pcap file has no comments, they want pcapng")
	}
	w := &Writer{net: n, out: out, o: o}
	if o.Format == PCAP {
		w.buf = appendPcapHeader(w.buf, o.LinkType)
	} else {
		w.buf = w.appendSection(w.buf)
	}
	w.meet()
	return w, nil
}

// meet takes note of the hosts that have been added since it was last called.
func (w *Writer) meet() {
	known := len(w.hosts)
	for _, h := range w.net.Hosts()[known:] {
		w.hosts = append(w.hosts, host{Host: h})
	}
	clear(w.paths[:])
	if w.o.Format == PCAPNG {
		w.buf = w.appendHosts(w.buf, known)
	}
}

// Kinds are the kinds of record that the Writer needs, for Listen.
func (w *Writer) Kinds() []sim.RecordKind {
	if w.o.Comments {
		return []sim.RecordKind{
			sim.Sent, sim.Arrived, sim.Lost, sim.Held, sim.Fired, sim.Moved, sim.Dropped, sim.Signalled, sim.Told,
		}
	}
	return []sim.RecordKind{sim.Sent, sim.Arrived, sim.Told}
}

// Record takes one record of the run.
func (w *Writer) Record(r *sim.Record) {
	if w.err != nil || w.end {
		return
	}
	switch {
	case w.o.Comments:
		w.follow(r)
	case r.Kind == sim.Told:
		if w.seesAdvice(r) {
			w.writeAdvice(r.At, r.Host, &r.Packet, r.Advice, nil)
		}
	case r.Kind == sim.Sent || r.Kind == sim.Arrived:
		if id, seen := w.look(r); seen {
			w.write(r.At, r.Host, id, &r.Packet, nil)
		}
	}
}

// look gives the identification of a packet that is sent or arrives, and
// reports whether it is seen.
func (w *Writer) look(r *sim.Record) (id uint16, seen bool) {
	if len(w.net.Hosts()) > len(w.hosts) {
		w.meet()
	}
	return w.identify(r), w.sees(r)
}

// sees reports whether a packet that is sent or arrives is seen. What a host
// sends to itself it sees once, when it arrives, as on a loopback interface.
func (w *Writer) sees(r *sim.Record) bool {
	if r.Kind == sim.Sent && w.path(&r.Packet).loopback {
		return false
	}
	switch w.o.Vantage {
	case Link:
		return r.Kind == sim.Sent || r.Packet.Forged
	case All:
		return true
	default:
		return w.o.Vantage == At(r.Host)
	}
}

// identify gives the identification of a packet that is sent or arrives. Each
// host counts what it sends, and a packet has the same number wherever it is
// seen; forged ones have a count of their own.
func (w *Writer) identify(r *sim.Record) uint16 {
	id := &w.numbers[uint16(r.Packet.Number)]
	switch {
	case r.Kind == sim.Sent:
		h := &w.hosts[r.Host]
		h.id++
		*id = h.id
	case r.Packet.Forged:
		w.forged++
		*id = w.forged
	}
	return *id
}

// Close writes what is left and reports the first error that there was. The
// file that is written to stays open.
func (w *Writer) Close() error {
	if !w.end {
		w.release()
		w.flush()
		w.end = true
	}
	return w.err
}

// flush writes what has been gathered.
func (w *Writer) flush() {
	if w.err != nil || len(w.buf) == 0 {
		return
	}
	n, err := w.out.Write(w.buf)
	if err == nil && n < len(w.buf) {
		err = io.ErrShortWrite
	}
	w.err = err
	w.buf = w.buf[:0]
}

// fail gives up: a packet cannot be written.
func (w *Writer) fail(at fsm.Time, p *sim.Packet, err error) {
	w.flush()
	if w.err == nil {
		w.err = fmt.Errorf("packet %d at %v: %w", p.Number, at, err)
	}
}
