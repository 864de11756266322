package sim

import (
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// Verb is what a Fault does to a packet.
type Verb uint8

// The verbs.
const (
	Drop Verb = iota
	Delay
	Duplicate
)

// TextMatch tells whether a Fault looks at a segment's text.
type TextMatch uint8

// The ways to look at text.
const (
	AnyText TextMatch = iota
	WithText
	WithoutText
)

// Fault is something that the network does to a packet that is named by its
// meaning: "lose the server's second FIN".
type Fault struct {
	Verb  Verb
	Host  HostID        // who sends the packet
	Set   fsm.Flags     // flags that must be set
	Clear fsm.Flags     // flags that must not be
	Text  TextMatch     //
	Nth   int           // the how-manieth such packet is the first that is hit, from 1
	Count int           // how many are hit; 0: all from then on
	Until fsm.Time      // packets sent later are not looked at; 0: no end
	By    time.Duration // Delay: how much longer; Duplicate: how far behind the copy

	seen int // how many have matched
}

// Fault puts a fault in, from now on. Of several that fit a packet the first
// wins, and those after it do not count the packet.
func (n *Network) Fault(f Fault) { n.faults = append(n.faults, f) }

// Down takes the links down, or up again: everything that is sent while they are
// down is lost.
func (n *Network) Down(down bool) { n.down = down }

// faultOn gives the fault that hits a packet, if one does.
func (n *Network) faultOn(h *Host, p *Packet) *Fault {
	for i := range n.faults {
		if f := &n.faults[i]; f.fits(h.id, p, n.now) {
			f.seen++
			if f.seen >= f.Nth && (f.Count == 0 || f.seen < f.Nth+f.Count) {
				return f
			}
		}
	}
	return nil
}

func (f *Fault) fits(from HostID, p *Packet, now fsm.Time) bool {
	s := &p.Seg
	switch {
	case from != f.Host, s.Flags&f.Set != f.Set, s.Flags&f.Clear != 0, f.Until != 0 && now >= f.Until:
		return false
	case f.Text == WithText && s.Len == 0, f.Text == WithoutText && s.Len > 0:
		return false
	}
	return true
}
