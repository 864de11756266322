package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/tcpsim/tcpsim/fsm"
)

// appendOptions appends the options in the order of their layout, padding
// included. They must fit: see Header.check.
func appendOptions(b []byte, o *fsm.Options) []byte {
	be := binary.BigEndian
	var kinds [maxOptions]fsm.OptionKind
	for _, k := range o.Kinds(kinds[:0]) {
		b = append(b, byte(k))
		switch k {
		case fsm.KindEOL, fsm.KindNOP: // one octet
		case fsm.KindMSS:
			b = be.AppendUint16(append(b, 4), o.MSS)
		case fsm.KindWindowScale:
			b = append(b, 3, o.WScale)
		case fsm.KindSACKPermitted:
			b = append(b, 2)
		case fsm.KindTimestamps:
			b = be.AppendUint32(append(b, 10), o.TSVal)
			b = be.AppendUint32(b, o.TSEcr)
		case fsm.KindSACK:
			b = append(b, 2+8*o.NSack)
			for _, s := range o.Sack[:o.NSack] {
				b = be.AppendUint32(b, uint32(s.Lo))
				b = be.AppendUint32(b, uint32(s.Hi))
			}
		}
	}
	return b
}

// OptionError tells of an option whose length is illegal (RFC 9293 MUST-7).
type OptionError struct {
	At     int            // octets of options in front of it
	Kind   fsm.OptionKind // its first octet
	Length int            // its second octet; -1 if the options end before
	Want   string
}

func (e *OptionError) Error() string {
	if e.Length < 0 {
		return fmt.Sprintf("option at octet %d: kind %d has no length", e.At, e.Kind)
	}
	return fmt.Sprintf("option at octet %d: kind %d has length %d, want %s", e.At, e.Kind, e.Length, e.Want)
}

// ParseOptions reads the options of a segment. A kind that it does not know is
// skipped by its length (RFC 9293 MUST-6). An error is an *OptionError; what
// stands before the option is given with it.
func ParseOptions(b []byte) (fsm.Options, error) {
	var o fsm.Options
	for at := 0; at < len(b); {
		k := fsm.OptionKind(b[at])
		if k == fsm.KindEOL {
			break
		}
		if k == fsm.KindNOP {
			at++
			continue
		}
		n, err := optionLength(b, at)
		if err != nil {
			return o, err
		}
		parseOption(&o, k, b[at+2:at+n])
		at += n
	}
	o.Layout = layoutOf(&o, b)
	return o, nil
}

// optionLength gives the length of the option at an octet, if it is legal.
func optionLength(b []byte, at int) (int, error) {
	k, room := fsm.OptionKind(b[at]), len(b)-at
	if room == 1 {
		return 0, &OptionError{At: at, Kind: k, Length: -1}
	}
	n := int(b[at+1])
	switch {
	case n < 2:
		return 0, &OptionError{at, k, n, "at least 2"}
	case !legal(k, n):
		return 0, &OptionError{at, k, n, legalLengths[k]}
	case n > room:
		return 0, &OptionError{at, k, n, fmt.Sprintf("at most %d", room)}
	}
	return n, nil
}

// legalLengths are the lengths of the options that are known, for messages.
var legalLengths = [...]string{
	fsm.KindMSS: "4", fsm.KindWindowScale: "3", fsm.KindSACKPermitted: "2",
	fsm.KindSACK: "2, 10, 18, 26 or 34", fsm.KindTimestamps: "10",
}

// legal reports whether an option may have a length.
func legal(k fsm.OptionKind, n int) bool {
	switch k {
	case fsm.KindMSS:
		return n == 4
	case fsm.KindWindowScale:
		return n == 3
	case fsm.KindSACKPermitted:
		return n == 2
	case fsm.KindSACK: // without a block it says nothing, but no RFC forbids it
		return n%8 == 2 && n <= 2+8*fsm.MaxSACKBlocks
	case fsm.KindTimestamps:
		return n == 10
	case fsm.KindEOL, fsm.KindNOP:
	}
	return true
}

// parseOption takes an option with a legal length; v is what follows the length.
func parseOption(o *fsm.Options, k fsm.OptionKind, v []byte) {
	be := binary.BigEndian
	switch k {
	case fsm.KindMSS:
		o.Has |= fsm.OptMSS
		o.MSS = be.Uint16(v)
	case fsm.KindWindowScale:
		o.Has |= fsm.OptWindowScale
		o.WScale = v[0]
	case fsm.KindSACKPermitted:
		o.Has |= fsm.OptSACKPermitted
	case fsm.KindTimestamps:
		o.Has |= fsm.OptTimestamps
		o.TSVal, o.TSEcr = be.Uint32(v), be.Uint32(v[4:])
	case fsm.KindSACK:
		o.Has |= fsm.OptSACK
		o.NSack = uint8(len(v) / 8)
		o.Sack = [fsm.MaxSACKBlocks]fsm.Block{}
		for i := range o.NSack {
			o.Sack[i] = fsm.Block{Lo: fsm.Seq(be.Uint32(v[8*i:])), Hi: fsm.Seq(be.Uint32(v[8*i+4:]))}
		}
	case fsm.KindEOL, fsm.KindNOP:
	}
}

// layoutOf gives the first layout that writes the options as b has them.
func layoutOf(o *fsm.Options, b []byte) fsm.Layout {
	as := *o
	var buf [2 * maxOptions]byte
	for as.Layout = 0; as.Layout <= fsm.LastLayout; as.Layout++ {
		if bytes.Equal(appendOptions(buf[:0], &as), b) {
			return as.Layout
		}
	}
	return 0
}
