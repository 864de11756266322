package pcap

import (
	"encoding/binary"
	"errors"
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

// noHost is the number in the MAC address of addresses that no host has: the
// one of the gateway behind which they lie.
const noHost = 0xffff

// path gives the path of a packet. Few addresses have a place of their own;
// others share one, and what is there is made anew when they take turns.
func (w *Writer) path(k *sim.Packet) *path {
	from, to := k.From.Addr, k.To.Addr
	p := &w.paths[(uint(from)<<4^uint(to))%uint(len(w.paths))]
	if p.from != from || p.to != to || !p.made {
		w.makePath(p, k)
	}
	return p
}

func (w *Writer) makePath(p *path, k *sim.Packet) {
	*p = path{from: k.From.Addr, to: k.To.Addr, made: true}
	src, dst := w.hostNumber(p.from), w.hostNumber(p.to)
	p.loopback = src == dst && src != noHost
	mac, kind := mac(dst), uint16(etherIPv4)
	copy(p.frame[:], mac[:])
	mac = macOf(src)
	copy(p.frame[6:], mac[:])
	if w.net.Addr(p.from).Is6() {
		kind = etherIPv6
	}
	binary.BigEndian.PutUint16(p.frame[12:], kind)
	p.template, p.err = wire.NewTemplate(&wire.Header{
		Src: w.net.AddrPort(k.From), Dst: w.net.AddrPort(k.To), TTL: wire.DefaultTTL,
	})
}
