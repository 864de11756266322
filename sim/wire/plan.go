package wire

import (
	"encoding/binary"

	"github.com/tcpsim/tcpsim/fsm"
)

// plan is how the options of a segment are laid out: the octets with all values
// zero, and where the values go.
type plan struct {
	octets                   [maxOptions]byte
	size                     uint8 // 255 if the options do not fit
	mss, wscale, times, sack uint8 // where the value begins; 0: there is none
}

// plans has one for each layout, set of options and number of SACK blocks. They
// are made from the layouts of fsm once, by the plain encoder.
var plans = makePlans()

type planTable [fsm.LastLayout + 1][32][fsm.MaxSACKBlocks + 1]plan

func makePlans() *planTable {
	t := new(planTable)
	for layout := range t {
		for has := range t[layout] {
			for blocks := range t[layout][has] {
				t[layout][has][blocks] = newPlan(&fsm.Options{
					Layout: fsm.Layout(layout), Has: fsm.OptionSet(has), NSack: uint8(blocks),
				})
			}
		}
	}
	return t
}

func newPlan(o *fsm.Options) plan {
	var p plan
	if p.size = 255; o.OptionOctets() > maxOptions {
		return p
	}
	b := appendOptions(p.octets[:0], o)
	p.size = uint8(len(b))
	for at := 0; at < len(b); {
		value := uint8(at + 2)
		switch fsm.OptionKind(b[at]) {
		case fsm.KindEOL, fsm.KindNOP:
			at++
			continue
		case fsm.KindMSS:
			p.mss = value
		case fsm.KindWindowScale:
			p.wscale = value
		case fsm.KindTimestamps:
			p.times = value
		case fsm.KindSACK:
			p.sack = value
		case fsm.KindSACKPermitted:
		}
		at += int(b[at+1])
	}
	return p
}

// planOf gives the plan of a segment's options, or nil if there is none.
func planOf(o *fsm.Options) *plan {
	if int(o.Layout) >= len(plans) || int(o.Has) >= len(plans[0]) || int(o.NSack) >= len(plans[0][0]) {
		return nil
	}
	if p := &plans[o.Layout][o.Has][o.NSack]; p.size <= maxOptions {
		return p
	}
	return nil
}

// fill writes the options to b, which has room for maxOptions.
func (p *plan) fill(b *[maxOptions]byte, o *fsm.Options) {
	be := binary.BigEndian
	*b = p.octets
	if p.mss != 0 {
		be.PutUint16(b[p.mss:], o.MSS)
	}
	if p.wscale != 0 {
		b[p.wscale] = o.WScale
	}
	if p.times != 0 {
		be.PutUint32(b[p.times:], o.TSVal)
		be.PutUint32(b[p.times+4:], o.TSEcr)
	}
	if p.sack != 0 {
		for i, s := range o.Sack[:o.NSack] {
			be.PutUint32(b[int(p.sack)+8*i:], uint32(s.Lo))
			be.PutUint32(b[int(p.sack)+8*i+4:], uint32(s.Hi))
		}
	}
}
