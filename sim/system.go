package sim

import (
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
)

// System is how one system behaves: its TCP, and its sockets above it. It is
// data: switches and numbers, and no code asks which system it is.
type System struct {
	TCP fsm.Profile

	PortLo, PortHi uint16 // ephemeral ports, both included
	BacklogExtra   int    // connections that a listen queue holds beyond its limit
	Descriptors    int    // descriptors of one process

	// ResetUnread aborts a connection that is closed with unread data (RFC 9293
	// 3.6.1, SHLD-3; RFC 2525 2.17). Off: a FIN, and the data is kept.
	ResetUnread bool
	// HalfDuplexClose tells TCP when nobody is left to read (RFC 9293 MAY-1).
	HalfDuplexClose bool
	// ResetFlushes throws away what is unread when a RST comes (RFC 9293
	// 3.10.7.4 second: "All segment queues should be flushed").
	ResetFlushes bool
	// LingerBlocks makes close() wait for the linger time although the socket
	// is non-blocking.
	LingerBlocks bool
}

// Name is the profile's name.
func (s *System) Name() string { return s.TCP.Name }

// RFC9293 is the system of the RFCs, with POSIX's sockets.
func RFC9293() System {
	return System{
		TCP:             fsm.RFC9293,
		PortLo:          49152, // RFC 6335 6
		PortHi:          65535,
		Descriptors:     1024,
		ResetUnread:     true,
		HalfDuplexClose: true,
		ResetFlushes:    true,
	}
}

// RFC793 is the system of the text of 1981, with POSIX's sockets.
func RFC793() System {
	s := RFC9293()
	s.TCP = fsm.RFC793
	s.ResetUnread, s.HalfDuplexClose = false, false
	return s
}

// systems lists the profiles in the order in which they are shown.
var systems = []struct {
	name string
	make func() System
}{
	{"rfc9293", RFC9293},
	{"rfc793", RFC793},
}

// Profiles lists the names of the profiles.
func Profiles() []string {
	var names []string
	for _, s := range systems {
		names = append(names, s.name)
	}
	return names
}

// Profile gives the system of that name.
func Profile(name string) (System, bool) {
	i := slices.IndexFunc(systems, func(s struct {
		name string
		make func() System
	},
	) bool {
		return strings.EqualFold(s.name, name)
	})
	if i < 0 {
		return System{}, false
	}
	return systems[i].make(), true
}
