package sim

import "github.com/tcpsim/tcpsim/fsm"

// claim is how a socket has asked for its port.
type claim uint8

const (
	claimDefault claim = iota
	claimReuse
	claimExclusive
)

func (s *socket) claim() claim {
	switch {
	case s.is(sockExclusive):
		return claimExclusive
	case s.is(sockReuseBound), !s.is(sockBound) && s.is(sockReuseAddr):
		return claimReuse
	}
	return claimDefault
}

// winsockTable is the table of "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE": what
// bind() says, by how the first socket has bound, and the second wants to: each
// default, reuse or exclusive, and at the wildcard or at the same address.
var winsockTable = [3][2][3][2]Errno{
	claimDefault: {
		{claimDefault: {EADDRINUSE, OK}, claimReuse: {EACCES, OK}, claimExclusive: {EADDRINUSE, OK}},
		{claimDefault: {OK, EADDRINUSE}, claimReuse: {OK, EACCES}, claimExclusive: {EADDRINUSE, EADDRINUSE}},
	},
	claimReuse: {
		{claimDefault: {EADDRINUSE, OK}, claimReuse: {OK, OK}, claimExclusive: {EADDRINUSE, OK}},
		{claimDefault: {OK, EADDRINUSE}, claimReuse: {OK, OK}, claimExclusive: {EADDRINUSE, EADDRINUSE}},
	},
	claimExclusive: {
		{claimDefault: {EADDRINUSE, EACCES}, claimReuse: {EACCES, EACCES}, claimExclusive: {EADDRINUSE, EACCES}},
		{claimDefault: {OK, EADDRINUSE}, claimReuse: {OK, EACCES}, claimExclusive: {EADDRINUSE, EADDRINUSE}},
	},
}

// winsockBind is bind() by Winsock's rule. A connection is in the way of all but
// SO_REUSEADDR, unless it is in TIME-WAIT.
func (h *Host) winsockBind(s *socket, e Endpoint) Errno {
	n := h.net
	for _, k := range h.bound[e.Port] {
		o := n.sockets.at(k)
		alone := n.state(o) == fsm.Closed || n.state(o) == fsm.Listen
		if err := h.winsockConflict(o, s, e); alone && err != OK {
			return err
		}
	}
	if s.is(sockReuseAddr) && !s.is(sockExclusive) || h.portUses[e.Port] == 0 {
		return OK
	}
	for i := range n.conns.count {
		c := n.conns.at(i)
		if c.live && c.host == h.id && c.at.local.Port == e.Port && c.at.whole() && c.State != fsm.TimeWait && overlap(c.at.local.Addr, e.Addr) {
			return EADDRINUSE
		}
	}
	return OK
}

// winsockConflict tells what one socket that waits on a port has against another.
func (h *Host) winsockConflict(first, second *socket, e Endpoint) Errno {
	at := func(a AddrID) int { return number(a != 0) }
	a, b := at(first.local.Addr), at(e.Addr)
	switch {
	case !overlap(first.local.Addr, e.Addr):
		return OK
	case !h.system.BindHijack:
		return winsockTable[first.claim()][a][second.claim()][b]
	case second.claim() != claimReuse:
		return EADDRINUSE
	case first.claim() == claimExclusive:
		return EACCES
	}
	return OK
}

// winsockNames are the names of the errors where they are not POSIX's, with their
// numbers.
var winsockNames = map[Errno]struct {
	name   string
	number int
}{
	EACCES: {"WSAEACCES", 10013}, EADDRINUSE: {"WSAEADDRINUSE", 10048}, EADDRNOTAVAIL: {"WSAEADDRNOTAVAIL", 10049},
	EAFNOSUPPORT: {"WSAEAFNOSUPPORT", 10047}, EAGAIN: {"WSAEWOULDBLOCK", 10035}, EALREADY: {"WSAEALREADY", 10037},
	EBADF: {"WSAENOTSOCK", 10038}, ECONNABORTED: {"WSAECONNABORTED", 10053}, ECONNREFUSED: {"WSAECONNREFUSED", 10061},
	ECONNRESET: {"WSAECONNRESET", 10054}, EDESTADDRREQ: {"WSAEDESTADDRREQ", 10039}, EFAULT: {"WSAEFAULT", 10014},
	EHOSTUNREACH: {"WSAEHOSTUNREACH", 10065}, EINPROGRESS: {"WSAEWOULDBLOCK", 10035}, EINTR: {"WSAEINTR", 10004},
	EINVAL: {"WSAEINVAL", 10022}, EISCONN: {"WSAEISCONN", 10056}, EMFILE: {"WSAEMFILE", 10024}, EMSGSIZE: {"WSAEMSGSIZE", 10040},
	ENETRESET: {"WSAENETRESET", 10052}, ENETUNREACH: {"WSAENETUNREACH", 10051}, ENOBUFS: {"WSAENOBUFS", 10055}, ENOMEM: {"WSAENOBUFS", 10055},
	ENOPROTOOPT: {"WSAENOPROTOOPT", 10042}, ENOTCONN: {"WSAENOTCONN", 10057}, ENOTSOCK: {"WSAENOTSOCK", 10038},
	EOPNOTSUPP: {"WSAEOPNOTSUPP", 10045}, EPIPE: {"WSAESHUTDOWN", 10058}, EPROTONOSUPPORT: {"WSAEPROTONOSUPPORT", 10043},
	ESHUTDOWN: {"WSAESHUTDOWN", 10058}, ETIMEDOUT: {"WSAETIMEDOUT", 10060}, EWOULDBLOCK: {"WSAEWOULDBLOCK", 10035},
}

// ErrnoName gives the name that a system has for an error.
func (s *System) ErrnoName(e Errno) string {
	if w, ok := winsockNames[e]; ok && s.Winsock {
		return w.name
	}
	return e.String()
}

// SameError reports whether two errors are one under a system: their names are.
func (s *System) SameError(a, b Errno) bool { return s.ErrnoName(a.plain()) == s.ErrnoName(b.plain()) }
