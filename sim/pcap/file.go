package pcap

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/tcpsim/tcpsim/fsm"
)

// Numbers of a pcap file (draft-ietf-opsawg-pcap).
const (
	pcapMagic  = 0xa1b23c4d // with nanoseconds
	pcapMajor  = 2
	pcapMinor  = 4
	pcapRecord = 16 // octets in front of a packet
)

// snapLength is the longest packet, as tcpdump has it; none is cut.
const snapLength = 262144

// linkTypes are the numbers of the link types (draft-ietf-opsawg-pcaplinktype).
var linkTypes = [...]uint32{Ethernet: 1, RawIP: 101}

// le is the order of octets in both formats.
var le = binary.LittleEndian

func appendPcapHeader(b []byte, link LinkType) []byte {
	b = le.AppendUint32(b, pcapMagic)
	b = le.AppendUint16(b, pcapMajor)
	b = le.AppendUint16(b, pcapMinor)
	b = le.AppendUint64(b, 0) // of no use
	b = le.AppendUint32(b, snapLength)
	return le.AppendUint32(b, linkTypes[link])
}

// errTime tells of the time that is left to the format.
var errTime = errors.New("a pcap file ends in the year 2106, use pcapng")

// putPcapRecord fills in what stands in front of a packet.
func putPcapRecord(b []byte, at fsm.Time) error {
	seconds := uint64(at) / 1e9
	if seconds > math.MaxUint32-Epoch {
		return errTime
	}
	length := uint64(len(b) - pcapRecord)
	le.PutUint64(b, Epoch+seconds|(uint64(at)-seconds*1e9)<<32)
	le.PutUint64(b[8:], length|length<<32)
	return nil
}
