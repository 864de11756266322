package scenarios

import (
	"net/netip"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// constants are the names that scripts use for numbers, with Linux's values.
var constants = map[string]int{
	"O_RDONLY": 0, "O_WRONLY": 1, "O_RDWR": 2, "O_NONBLOCK": 0x800,
	"F_GETFL": 3, "F_SETFL": 4,
	"SHUT_RD": 0, "SHUT_WR": 1, "SHUT_RDWR": 2,
	"SD_RECEIVE": 0, "SD_SEND": 1, "SD_BOTH": 2,
	"MSG_OOB": 0x1, "MSG_PEEK": 0x2, "MSG_TRUNC": 0x20, "MSG_DONTWAIT": 0x40, "MSG_WAITALL": 0x100,
	"MSG_NOSIGNAL": 0x4000, "MSG_MORE": 0x8000,
	"POLLIN": 0x1, "POLLPRI": 0x2, "POLLOUT": 0x4, "POLLERR": 0x8, "POLLHUP": 0x10, "POLLNVAL": 0x20,
	"POLLRDHUP":  0x2000,
	"SOL_SOCKET": 1, "SOL_TCP": 6, "IPPROTO_TCP": 6, "IPPROTO_IP": 0, "IPPROTO_IPV6": 41,
	"AF_UNSPEC": 0, "AF_INET": 2, "AF_INET6": 10, "PF_INET": 2, "PF_INET6": 10,
	"SOCK_STREAM": 1, "SOCK_NONBLOCK": 0x800,
	"INADDR_ANY": 0,
	"FIONREAD":   0x541b, "SIOCINQ": 0x541b, "SIOCOUTQ": 0x5411,
}

// number gives the value of an argument that is a number, by itself or by name.
func (r *runner) number(e script.Expr) (int, bool) {
	switch e := e.(type) {
	case script.Int:
		if e.Value != int64(int32(e.Value)) {
			r.errorf(e.Pos, "%d does not fit an int of 32 bits", e.Value)
			return 0, false
		}
		return int(e.Value), true
	case script.Sym:
		if n, ok := constants[e.Name]; ok {
			return n, true
		}
		if errno, err := sim.ParseErrno(e.Name); err == nil {
			return int(errno), true
		}
		r.errorf(e.Pos, "unknown constant %q", e.Name)
	case script.Or:
		sum := 0
		for _, of := range e.Of {
			n, ok := r.number(of)
			if !ok {
				return 0, false
			}
			sum |= n
		}
		return sum, true
	case script.Apply:
		if (e.Name == "htons" || e.Name == "htonl") && len(e.Args) == 1 {
			return r.number(e.Args[0])
		}
		r.errorf(e.Pos, "unknown function %q", e.Name)
	default:
		r.errorf(script.Position(e), "%s is not a number", e)
	}
	return 0, false
}

// descriptor gives the descriptor of an argument. A one-host script numbers them
// as it likes: what a call returned under one number is meant by it from then on.
func (r *runner) descriptor(e script.Expr) (int, bool) {
	fd, ok := r.number(e)
	if r.one != nil {
		if real, named := r.fds[fd]; named {
			fd = real
		}
	}
	return fd, ok
}

// nameDescriptor remembers under which number a one-host script knows what a
// call has returned.
func (r *runner) nameDescriptor(want *script.Call, c *sim.Call) {
	if w, ok := want.Result.(script.Int); ok && r.one != nil && c.Err == sim.OK && w.Value >= 0 {
		r.fds[int(w.Value)] = c.Result
		c.Result = int(w.Value)
	}
}

// endpoint gives the socket address of an argument. own tells whether "..."
// means the host's own endpoint, as in bind, or its peer's.
func (r *runner) endpoint(st *step, e script.Expr, own bool) (sim.Endpoint, bool) {
	switch e := e.(type) {
	case script.Any:
		return r.defaultEndpoint(st, own), true
	case script.Addr:
		if e.Host == "*" {
			return sim.Endpoint{Port: uint16(e.Port)}, true
		}
		h := r.host(e.Host)
		if h == nil {
			r.errorf(e.Pos, "unknown host %q%s", e.Host, Nearest(e.Host, r.set.hosts))
			return sim.Endpoint{}, false
		}
		return sim.Endpoint{Addr: h.Addrs()[0], Port: uint16(e.Port)}, true
	case script.Struct:
		return r.sockaddr(e)
	}
	r.errorf(script.Position(e), "%s is not a socket address", e)
	return sim.Endpoint{}, false
}

// defaultEndpoint is what "..." stands for.
func (r *runner) defaultEndpoint(st *step, own bool) sim.Endpoint {
	if r.one != nil {
		if own {
			return sim.Endpoint{Addr: r.one.Addrs()[0], Port: r.set.bindPort}
		}
		return sim.Endpoint{Addr: r.net.AddrID(oneHost[r.set.ipv6][1]), Port: r.set.peerPort}
	}
	h := r.host(st.Host)
	if own {
		return sim.Endpoint{Addr: h.Addrs()[0], Port: r.set.bindPort}
	}
	return sim.Endpoint{Addr: r.otherHost(h).Addrs()[0], Port: r.set.bindPort}
}

// sockaddr reads {sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr("192.0.2.1")}.
func (r *runner) sockaddr(s script.Struct) (sim.Endpoint, bool) {
	var ep sim.Endpoint
	for _, f := range s.Fields {
		switch f.Name {
		case "sa_family", "sin6_flowinfo", "sin6_scope_id":
		case "sin_port", "sin6_port":
			n, ok := r.number(f.Value)
			if !ok {
				return ep, false
			}
			if n < 0 || n > 65535 {
				r.errorf(f.Pos, "port %d is not in 0 to 65535", n)
				return ep, false
			}
			ep.Port = uint16(n)
		case "sin_addr", "sin6_addr":
			a, ok := r.inetAddr(f.Value)
			if !ok {
				return ep, false
			}
			ep.Addr = r.net.AddrID(a)
		default:
			r.errorf(f.Pos, "unknown field %q of a socket address", f.Name)
			return ep, false
		}
	}
	return ep, true
}

func (r *runner) inetAddr(e script.Expr) (netip.Addr, bool) {
	if a, ok := e.(script.Apply); ok && (a.Name == "inet_addr" || a.Name == "inet_pton") && len(a.Args) > 0 {
		if s, ok := a.Args[len(a.Args)-1].(script.Str); ok {
			addr, err := netip.ParseAddr(s.Value)
			if err != nil {
				r.errorf(s.Pos, "%q is not an IP address", s.Value)
			}
			return addr, err == nil
		}
	}
	if n, ok := r.number(e); ok && n == 0 {
		return netip.Addr{}, true
	}
	return netip.Addr{}, false
}

// oneHostEnds gives the endpoints of the connection under test: those of its
// last segment, or packetdrill's defaults.
func (r *runner) oneHostEnds() (local, remote sim.Endpoint) {
	if t, ok := r.latest[r.one.ID()]; ok {
		return t[0], t[1]
	}
	local = sim.Endpoint{Addr: r.one.Addrs()[0], Port: r.set.bindPort}
	remote = sim.Endpoint{Addr: r.net.AddrID(oneHost[r.set.ipv6][1]), Port: firstPeerPort}
	r.latest[r.one.ID()] = [2]sim.Endpoint{local, remote}
	return local, remote
}

// firstPeerPort is the port from which the peer of a one-host script connects.
const firstPeerPort = 40001

// states reads a census: {LISTEN 1, CLOSE_WAIT 2}.
func (r *runner) states(s script.Struct) (map[fsm.State]int, bool) {
	count := map[fsm.State]int{}
	for _, f := range s.Fields {
		st, err := fsm.ParseState(f.Name)
		if err != nil {
			r.errorf(f.Pos, "%v", err)
			return nil, false
		}
		n, ok := r.number(f.Value)
		if !ok {
			return nil, false
		}
		if n != 0 {
			count[st] += n
		}
	}
	return count, true
}
