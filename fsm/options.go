package fsm

import (
	"fmt"
	"strings"
)

// OptionSet tells which options a segment carries.
type OptionSet uint8

// The options that the machine knows.
const (
	OptMSS           OptionSet = 1 << iota // RFC 9293 3.7.1; in a SYN only
	OptWindowScale                         // RFC 7323 2; in a SYN only
	OptSACKPermitted                       // RFC 2018 2; in a SYN only
	OptSACK                                // RFC 2018 3
	OptTimestamps                          // RFC 7323 3
)

// MaxSACKBlocks is how many SACK blocks fit into a header: 40 octets of options
// hold two for the option and its length, and eight for each (RFC 2018 3).
const MaxSACKBlocks = 4

// Options are the options of a segment, as values.
type Options struct {
	Has    OptionSet
	Layout Layout // in which order, and with which padding, they are written
	WScale uint8  // shift count of the window, 0 to 14 (RFC 7323 2.3)
	NSack  uint8  // blocks in use
	MSS    uint16 // octets
	TSVal  uint32 // TSval, ticks of the sender's timestamp clock
	TSEcr  uint32 // TSecr, the TSval that it echoes
	Sack   [MaxSACKBlocks]Block
}

// Block is a range of sequence numbers, [Lo, Hi).
type Block struct{ Lo, Hi Seq }

// Layout is the order in which a stack writes its options, and how it pads them.
type Layout uint8

// The layouts.
const (
	// LayoutRFC puts SACK-permitted before the timestamps and the window scale
	// last, and aligns with NOPs in front: mss,sackOK,TS,nop,wscale. Linux
	// writes this order too.
	LayoutRFC Layout = iota
	// LayoutBSD puts the window scale second and pads at the end with EOLs:
	// mss,nop,wscale,sackOK,TS and mss,sackOK,eol,eol. FreeBSD writes it.
	LayoutBSD
	// LayoutWindows is LayoutBSD with NOPs in front instead of EOLs behind:
	// mss,nop,wscale,nop,nop,sackOK.
	LayoutWindows
	// LayoutDarwin is LayoutBSD with the timestamps before SACK-permitted:
	// mss,nop,wscale,nop,nop,TS,sackOK,eol,eol.
	LayoutDarwin

	numLayouts
)

// LastLayout is the last of the layouts.
const LastLayout = numLayouts - 1

var layoutNames = [numLayouts]string{
	"mss,sackOK,TS,nop,wscale", "mss,nop,wscale,sackOK,TS", "mss,nop,wscale,nop,nop,sackOK", "mss,nop,wscale,nop,nop,TS,sackOK,eol,eol",
}

// String writes the order of a SYN with all the options that the layout's stack sends.
func (l Layout) String() string {
	if l < numLayouts {
		return layoutNames[l]
	}
	return fmt.Sprintf("Layout(%d)", uint8(l))
}

// OptionKind is the kind octet of an option (RFC 9293 3.1 and the IANA registry).
type OptionKind uint8

// The kinds of option.
const (
	KindEOL           OptionKind = 0
	KindNOP           OptionKind = 1
	KindMSS           OptionKind = 2
	KindWindowScale   OptionKind = 3
	KindSACKPermitted OptionKind = 4
	KindSACK          OptionKind = 5
	KindTimestamps    OptionKind = 8
)

// layoutRow lists the kinds of one layout in order. A kind that the segment
// does not carry is passed over.
type layoutRow struct {
	order      []OptionKind
	eolPadding bool // pad at the end with EOL, else with NOP in front of what must be aligned
}

var layouts = [...]layoutRow{
	LayoutRFC: {order: []OptionKind{KindMSS, KindSACKPermitted, KindTimestamps, KindWindowScale, KindSACK}},
	LayoutBSD: {order: []OptionKind{KindMSS, KindWindowScale, KindSACKPermitted, KindTimestamps, KindSACK}, eolPadding: true},

	LayoutWindows: {order: []OptionKind{KindMSS, KindWindowScale, KindSACKPermitted, KindTimestamps, KindSACK}},
	LayoutDarwin:  {order: []OptionKind{KindMSS, KindWindowScale, KindTimestamps, KindSACKPermitted, KindSACK}, eolPadding: true},
}

var kindSet = [...]OptionSet{
	KindMSS: OptMSS, KindWindowScale: OptWindowScale, KindSACKPermitted: OptSACKPermitted,
	KindSACK: OptSACK, KindTimestamps: OptTimestamps,
}

// Kinds appends the kinds of the options in the order in which they are
// written, NOPs and EOLs included, so that their octets are a multiple of four
// (RFC 9293 3.1).
func (o *Options) Kinds(out []OptionKind) []OptionKind {
	row := &layouts[o.Layout]
	size := 0
	for i, k := range row.order {
		if o.Has&kindSet[k] == 0 {
			continue
		}
		for range o.padBefore(k, row.order[i+1:], size, row.eolPadding) {
			out = append(out, KindNOP)
			size++
		}
		out = append(out, k)
		size += o.size(k)
	}
	for ; size%4 != 0; size++ {
		if row.eolPadding {
			out = append(out, KindEOL)
		} else {
			out = append(out, KindNOP)
		}
	}
	return out
}

// padBefore is how many NOPs stand before an option so that the ones after it
// are aligned as the layouts have them.
func (o *Options) padBefore(k OptionKind, rest []OptionKind, size int, eol bool) int {
	switch k {
	case KindWindowScale:
		return 1
	case KindSACK:
		return 2
	case KindTimestamps:
		if size%4 == 2 { // behind SACK-permitted: the two make twelve octets
			return 0
		}
		return 2
	case KindSACKPermitted:
		if eol || o.followed(rest, KindTimestamps) {
			return 0
		}
		return 2
	case KindEOL, KindNOP, KindMSS:
	}
	return 0
}

func (o *Options) followed(rest []OptionKind, k OptionKind) bool {
	for _, r := range rest {
		if r == k && o.Has&kindSet[k] != 0 {
			return true
		}
	}
	return false
}

// size is the length of one option in octets, its kind and length included.
func (o *Options) size(k OptionKind) int {
	switch k {
	case KindMSS:
		return 4
	case KindWindowScale:
		return 3
	case KindSACKPermitted:
		return 2
	case KindSACK:
		return 2 + 8*int(o.NSack)
	case KindTimestamps:
		return 10
	case KindEOL, KindNOP:
		return 1
	}
	return 0
}

// OptionOctets is the room that the options take in a header, padding included.
func (o *Options) OptionOctets() int {
	var kinds [24]OptionKind
	n := 0
	for _, k := range o.Kinds(kinds[:0]) {
		n += o.size(k)
	}
	return n
}

// String writes the options as scripts do: "mss 1460,nop,wscale 7".
func (o *Options) String() string {
	var words []string
	for _, k := range o.Kinds(nil) {
		words = append(words, o.Word(k))
	}
	return strings.Join(words, ",")
}

// Word writes one option as scripts do.
func (o *Options) Word(k OptionKind) string {
	switch k {
	case KindEOL:
		return "eol"
	case KindNOP:
		return "nop"
	case KindMSS:
		return fmt.Sprintf("mss %d", o.MSS)
	case KindWindowScale:
		return fmt.Sprintf("wscale %d", o.WScale)
	case KindSACKPermitted:
		return "sackOK"
	case KindTimestamps:
		return fmt.Sprintf("TS val %d ecr %d", o.TSVal, o.TSEcr)
	case KindSACK:
		var b strings.Builder
		b.WriteString("sack")
		for _, s := range o.Sack[:o.NSack] {
			fmt.Fprintf(&b, " %d:%d", s.Lo, s.Hi)
		}
		return b.String()
	}
	return fmt.Sprintf("kind %d", uint8(k))
}
