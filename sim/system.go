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
	// PipeInCloseWait gives a RST in CLOSE-WAIT to the user as EPIPE; off, as
	// ECONNRESET, as everywhere.
	PipeInCloseWait bool
	// RefusedInSynSent gives a RST to the user as ECONNREFUSED in SYN-SENT only; off,
	// in an active SYN-RECEIVED too (RFC 9293 3.10.7.4 second).
	RefusedInSynSent bool
	// ErrorBeforePipe makes send() tell the error of the connection before EPIPE, and
	// EPIPE where there is no connection; off, EPIPE after shutdown() comes first, and
	// ENOTCONN (POSIX send).
	ErrorBeforePipe bool
	// EndAfterReset lets recv() find the end of a connection that is over when its
	// error has been told; off, ENOTCONN (POSIX recv).
	EndAfterReset bool
	// TimeWaitApart takes TIME-WAIT from the socket: its descriptor reads CLOSED.
	TimeWaitApart bool
	// LingerOffIsZero forgets the time of a SO_LINGER that is off.
	LingerOffIsZero bool
	// BindBothReuse lets bind() share a port only if both sockets have SO_REUSEADDR
	// and the other does not listen; off, the new one's is enough, and what is
	// connected is passed over (BSD).
	BindBothReuse bool
	// CallsHoldSocket lets a call that waits keep its socket open: close() acts when
	// it has returned. Off, close() ends the call with EBADF.
	CallsHoldSocket bool
	// AcceptQueueOnly counts in the limit of a listener only what is complete, and
	// ignores the ACK that would complete one more; off, embryos count too.
	AcceptQueueOnly bool
	// ShutdownDropsSynSent lets shutdown() end a connection that is being opened, and
	// succeed; off, ENOTCONN.
	ShutdownDropsSynSent bool
	// AcceptsDead lets accept() return a connection that was reset while it waited;
	// off, ECONNABORTED.
	AcceptsDead bool
	// TupleTaken is what connect() says when both endpoints are in use already.
	TupleTaken Errno
	// TimeWaitReuse lets connect() take the place of a connection in TIME-WAIT that
	// used timestamps and is a second old: 0 never, 1 always.
	TimeWaitReuse int
	// TimeWaitLimit is how many connections may be in TIME-WAIT; one more is deleted
	// at once.
	TimeWaitLimit int
	// LingerBlocks makes close() wait for the linger time although the socket
	// is non-blocking.
	LingerBlocks bool
}

const noTimeWaitLimit = 1 << 30

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
		TupleTaken:      EADDRINUSE,
		TimeWaitLimit:   noTimeWaitLimit,
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
	{"linux", Linux},
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
