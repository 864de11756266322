package pcap

import (
	"encoding/binary"
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/wire"
)

// path is how packets go from one address to another.
type path struct {
	from, to sim.AddrID
	made     bool
	loopback bool // both are one host's
	frame    [ethernetOctets]byte
	template wire.Template
	err      error // why there is no template
}

// ethernetOctets is the length of an Ethernet header.
const ethernetOctets = 14

// The EtherTypes.
const (
	etherIPv4 = 0x0800
	etherIPv6 = 0x86dd
)

// nobody stands for the host of an address that no host has.
const nobody sim.HostID = -2

// path gives the path of a packet. The pairs of the first sixteen addresses have
// places of their own; others share one, and it is made anew when they take
// turns.
func (w *Writer) path(k *sim.Packet) *path {
	from, to := k.From.Addr, k.To.Addr
	p := &w.paths[(uint(from)<<4^uint(to))%uint(len(w.paths))]
	if p.from != from || p.to != to || !p.made {
		w.makePath(p, k)
	}
	return p
}

func (w *Writer) makePath(p *path, k *sim.Packet) {
	src, dst := w.owner(k.From.Addr), w.owner(k.To.Addr)
	*p = path{from: k.From.Addr, to: k.To.Addr, made: true, loopback: src == dst && src != nobody}
	kind := uint16(etherIPv4)
	if w.net.Addr(p.from).Is6() {
		kind = etherIPv6
	}
	frame := appendMAC(appendMAC(p.frame[:0], dst), src)
	binary.BigEndian.AppendUint16(frame, kind)
	p.template, p.err = wire.NewTemplate(&wire.Header{
		Src: w.net.AddrPort(k.From), Dst: w.net.AddrPort(k.To), TTL: wire.DefaultTTL,
	})
}

// owner gives the host that has an address, or nobody.
func (w *Writer) owner(a sim.AddrID) sim.HostID {
	for i := range w.hosts {
		if slices.Contains(w.hosts[i].Addrs(), a) {
			return w.hosts[i].ID()
		}
	}
	return nobody
}

// appendMAC appends the MAC address of a host: 02 for a locally administered
// one, and the host's number, from 1, in the last octets. Addresses of nobody
// lie behind a gateway whose number is the highest.
func appendMAC(b []byte, h sim.HostID) []byte {
	return binary.BigEndian.AppendUint16(append(b, 2, 0, 0, 0), uint16(h+1))
}

// write appends a packet, seen at a host, to what is to be written.
func (w *Writer) write(at fsm.Time, h sim.HostID, id uint16, k *sim.Packet, comment []byte) {
	p := w.path(k)
	if p.err != nil {
		w.fail(at, k, p.err)
		return
	}
	w.text = w.text[:0]
	if k.Seg.Len > 0 {
		w.text = w.net.AppendText(w.text, k.Text, int(k.Seg.Len))
	}
	head := pcapRecord
	if w.o.Format == PCAPNG {
		head = packetBlock
	}
	start := len(w.buf)
	b := slices.Grow(w.buf, packetBlock+ethernetOctets)[:start+head]
	if w.o.LinkType == Ethernet {
		b = b[:len(b)+ethernetOctets]
		*(*[ethernetOctets]byte)(b[start+head:]) = p.frame
	}
	p.template.SetPorts(k.From.Port, k.To.Port)
	b, err := p.template.Append(b, id, &k.Seg, w.text)
	if err != nil {
		w.fail(at, k, err)
		return
	}
	if w.o.Format == PCAPNG {
		b = w.endPacketBlock(b, start, at, h, comment)
	} else if err := putPcapRecord(b[start:], at); err != nil {
		w.fail(at, k, err)
		return
	}
	if w.buf = b; len(b) >= flushAt {
		w.flush()
	}
}
