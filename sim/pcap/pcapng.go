package pcap

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// The blocks of pcapng and their options (draft-ietf-opsawg-pcapng 4).
const (
	blockInterface = 1
	blockNames     = 4
	blockPacket    = 6
	blockSection   = 0x0a0d0d0a

	byteOrderMagic = 0x1a2b3c4d

	optEnd         = 0
	optComment     = 1
	optApplication = 4 // shb_userappl
	optName        = 2 // if_name
	optDescription = 3 // if_description
	optResolution  = 9 // if_tsresol

	nameIPv4 = 1
	nameIPv6 = 2

	packetBlock = 28     // octets in front of a packet
	nanoseconds = "\x09" // 10^-9 s
)

// appendSection appends the section header.
func (w *Writer) appendSection(b []byte) []byte {
	b, start := beginBlock(b, blockSection)
	b = le.AppendUint32(b, byteOrderMagic)
	b = le.AppendUint32(b, 1)          // version 1.0
	b = le.AppendUint64(b, ^uint64(0)) // the length is not known
	b = appendOption(b, optApplication, strings.TrimSpace("tcpsim "+w.o.Version))
	b = appendOption(b, optComment, w.about())
	return endBlock(appendOption(b, optEnd, ""), start)
}

// about tells what run it is: "scenario four-way-close, profile rfc9293, seed 1".
func (w *Writer) about() string {
	var words []string
	if w.o.Scenario != "" {
		words = append(words, "scenario "+w.o.Scenario)
	}
	hosts := w.net.Hosts()
	same := len(hosts) > 0
	var profiles []string
	for _, h := range hosts {
		same = same && h.System().Name() == hosts[0].System().Name()
		profiles = append(profiles, fmt.Sprintf("profile %s on %s", h.System().Name(), h.Name))
	}
	if same {
		profiles = []string{"profile " + hosts[0].System().Name()}
	}
	words = append(words, profiles...)
	return strings.Join(append(words, fmt.Sprintf("seed %d", w.o.Seed)), ", ")
}

// appendHosts appends the interfaces where the hosts from number known on are
// seen, and the hosts' names.
func (w *Writer) appendHosts(b []byte, known int) []byte {
	switch w.o.Vantage {
	case All:
		for _, h := range w.hosts[known:] {
			b = w.appendInterface(b, h.Name, w.describe(h.Host))
		}
	case Link:
		if known == 0 {
			b = w.appendInterface(b, "link", "the link, each packet once")
		}
	default:
		if h := w.hosts[w.o.Vantage-1]; int(h.ID()) >= known {
			b = w.appendInterface(b, h.Name, w.describe(h.Host))
		}
	}
	return w.appendNames(b, known)
}

// describe tells of a host: "host client, profile rfc9293, 192.0.2.1".
func (w *Writer) describe(h *sim.Host) string {
	s := fmt.Sprintf("host %s, profile %s", h.Name, h.System().Name())
	for _, a := range h.Addrs() {
		s += ", " + w.net.Addr(a).String()
	}
	return s
}

func (w *Writer) appendInterface(b []byte, name, description string) []byte {
	b, start := beginBlock(b, blockInterface)
	b = le.AppendUint32(b, linkTypes[w.o.LinkType])
	b = le.AppendUint32(b, snapLength)
	b = appendOption(b, optName, name)
	b = appendOption(b, optDescription, description)
	b = appendOption(b, optResolution, nanoseconds)
	return endBlock(appendOption(b, optEnd, ""), start)
}

// appendNames appends the names of the hosts from number known on, for their
// addresses.
func (w *Writer) appendNames(b []byte, known int) []byte {
	b, start := beginBlock(b, blockNames)
	for _, h := range w.hosts[known:] {
		for _, id := range h.Addrs() {
			kind := uint16(nameIPv4)
			if w.net.Addr(id).Is6() {
				kind = nameIPv6
			}
			b = appendOption(b, kind, string(w.net.Addr(id).AsSlice())+h.Name+"\x00")
		}
	}
	return endBlock(appendOption(b, optEnd, ""), start)
}

// endPacketBlock completes a block that begins at start and holds a packet so
// far, with an interface and a comment.
func (w *Writer) endPacketBlock(b []byte, start int, at fsm.Time, h sim.HostID, comment []byte) []byte {
	if w.o.Vantage != All {
		h = 0
	}
	head := b[start : start+packetBlock]
	length := uint64(len(b) - start - packetBlock)
	ns := uint64(at) + Epoch*1e9
	le.PutUint32(head, blockPacket)
	le.PutUint32(head[8:], uint32(h))
	le.PutUint64(head[12:], ns>>32|ns<<32)
	le.PutUint64(head[20:], length|length<<32)
	b = pad(b)
	if len(comment) > 0 {
		b = appendOption(b, optComment, comment)
		b = appendOption(b, optEnd, "")
	}
	return endBlock(b, start)
}

// beginBlock begins a block, and tells where.
func beginBlock(b []byte, kind uint32) ([]byte, int) {
	return le.AppendUint64(b, uint64(kind)), len(b)
}

// endBlock fills in the length of a block in front, and puts it behind.
func endBlock(b []byte, start int) []byte {
	length := uint32(len(b) - start + 4)
	le.PutUint32(b[start+4:], length)
	return le.AppendUint32(b, length)
}

// appendOption appends an option, or a record of a block of names.
func appendOption[S string | []byte](b []byte, code uint16, value S) []byte {
	b = le.AppendUint16(b, code)
	b = le.AppendUint16(b, uint16(len(value)))
	return pad(append(b, value...))
}

// pad fills up to a multiple of four octets. What is gathered begins at one.
func pad(b []byte) []byte {
	const zeros = "\x00\x00\x00"
	return append(b, zeros[:-len(b)&3]...)
}
