package sim

import (
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
)

// ICMP is what an ICMP message is about, as far as systems tell it apart.
type ICMP uint8

// The kinds of ICMP message.
const (
	ICMPNet        ICMP = iota // the network is unreachable, or unknown
	ICMPHost                   // the host is
	ICMPProtocol               // the host has no TCP
	ICMPPort                   // the host has TCP, and nobody at the port
	ICMPTooBig                 // the datagram is too large for the path, and must not be fragmented
	ICMPRoute                  // the source route failed
	ICMPNetBarred              // communication with the network is prohibited
	ICMPHostBarred             // with the host
	ICMPBarred                 // by a filter
	ICMPExpired                // the time to live ran out
	ICMPParameter              // a field of the header is wrong
	ICMPQuench                 // too much is sent
	ICMPRedirect               // another router is nearer

	numICMP
)

// ICMPAnswer is what a system does about a kind of message: what it means to a
// connection that is being opened, and to one that is open, and the error.
type ICMPAnswer struct {
	Opening, Open fsm.Advice
	Err           Errno
}

// icmpName is a message as scripts name it, with its numbers over IPv4 and IPv6, where
// a name of the other's means the nearest; -1: there is none.
type icmpName struct {
	kind         string // "unreachable"
	code         string // "port_unreachable"
	of           ICMP
	type4, code4 int
	type6, code6 int
}

var icmpNames = []icmpName{
	{"unreachable", "net_unreachable", ICMPNet, 3, 0, 1, 0},
	{"unreachable", "host_unreachable", ICMPHost, 3, 1, 1, 3},
	{"unreachable", "protocol_unreachable", ICMPProtocol, 3, 2, 4, 1},
	{"unreachable", "port_unreachable", ICMPPort, 3, 3, 1, 4},
	{"unreachable", "frag_needed", ICMPTooBig, 3, 4, 2, 0},
	{"unreachable", "source_route_failed", ICMPRoute, 3, 5, 1, 0},
	{"unreachable", "net_unknown", ICMPNet, 3, 6, 1, 0},
	{"unreachable", "host_unknown", ICMPHost, 3, 7, 1, 3},
	{"unreachable", "source_host_isolated", ICMPHost, 3, 8, 1, 3},
	{"unreachable", "host_isolated", ICMPHost, 3, 8, 1, 3},
	{"unreachable", "net_prohibited", ICMPNetBarred, 3, 9, 1, 1},
	{"unreachable", "host_prohibited", ICMPHostBarred, 3, 10, 1, 1},
	{"unreachable", "net_unreachable_for_tos", ICMPNet, 3, 11, 1, 0},
	{"unreachable", "host_unreachable_for_tos", ICMPHost, 3, 12, 1, 3},
	{"unreachable", "packet_filtered", ICMPBarred, 3, 13, 1, 1},
	{"unreachable", "communication_prohibited", ICMPBarred, 3, 13, 1, 1},
	{"unreachable", "admin_prohibited", ICMPBarred, 3, 13, 1, 1},
	{"unreachable", "no_route", ICMPNet, -1, -1, 1, 0},
	{"unreachable", "not_neighbour", ICMPHost, -1, -1, 1, 2},
	{"unreachable", "address_unreachable", ICMPHost, -1, -1, 1, 3},
	{"packet_too_big", "", ICMPTooBig, -1, -1, 2, 0},
	{"source_quench", "", ICMPQuench, 4, 0, -1, -1},
	{"redirect", "", ICMPRedirect, 5, 1, -1, -1},
	{"time_exceeded", "exceeded_in_transit", ICMPExpired, 11, 0, 3, 0},
	{"time_exceeded", "ttl_exceeded_in_transit", ICMPExpired, 11, 0, 3, 0},
	{"time_exceeded", "hop_limit_exceeded_in_transit", ICMPExpired, 11, 0, 3, 0},
	{"time_exceeded", "exceeded_hop_limit", ICMPExpired, -1, -1, 3, 0},
	{"time_exceeded", "exceeded_reassembly_time", ICMPExpired, 11, 1, 3, 1},
	{"time_exceeded", "", ICMPExpired, 11, 0, 3, 0},
	{"parameter_problem", "", ICMPParameter, 12, 0, 4, 0},
}

// ICMPNames lists the messages that FindICMP knows: type and code.
func ICMPNames() []string {
	var names []string
	for _, m := range icmpNames {
		name := m.kind
		if m.code != "" {
			name += " " + m.code
		}
		names = append(names, name)
	}
	return names
}

// Advice is an ICMP message on its way to the host that has sent the segment that it
// quotes.
type Advice struct {
	Kind       ICMP
	Name       string // as scripts name it
	Type, Code uint8  // its numbers
	MTU        uint16 // of the next hop, in octets
	Quoted     Packet // from the host's own endpoint; of its segment only SEQ counts
}

// FindICMP makes a message of the names that scripts have for it. The result is false
// if there is none of that name in that version of IP.
func FindICMP(kind, code string, ipv6 bool) (Advice, bool) {
	for _, m := range icmpNames {
		typ, num := m.type4, m.code4
		if ipv6 {
			typ, num = m.type6, m.code6
		}
		if m.kind == kind && m.code == code && typ >= 0 {
			name := kind
			if code != "" {
				name += " " + code
			}
			return Advice{Kind: m.of, Name: name, Type: uint8(typ), Code: uint8(num)}, true
		}
	}
	return Advice{}, false
}

// Advise lets an ICMP message reach the host that has sent what it quotes, now.
func (n *Network) Advise(a *Advice) {
	owner := n.book.owner[a.Quoted.From.Addr]
	if owner == noHost {
		return
	}
	h := n.hosts[owner]
	k := n.demux.get(tuple{a.Quoted.From, a.Quoted.To})
	n.turn++
	if n.wants(Told) {
		r := Record{Kind: Told, Host: h.id, Packet: a.Quoted, Advice: a, Why: a.Name}
		if k != none {
			r.Conn, r.From = n.conns.at(k).id, n.conns.at(k).State
		}
		n.record(r)
	}
	if k == none || n.conns.at(k).cookie {
		return
	}
	answer := h.system.ICMP[a.Kind]
	advice := answer.Open
	if !n.conns.at(k).State.Synchronized() {
		advice = answer.Opening
		if c := n.conns.at(k); c.Passive() && h.system.EmbryoICMP && !a.endsEmbryo() {
			advice = fsm.Quench
		}
	}
	n.step(k, fsm.ICMPMessage(advice, a.Quoted.Seg.Seq, uint32(answer.Err)), nil)
	n.wake()
}

// endsEmbryo reports whether EmbryoICMP heeds a message: over IPv4, two of the codes of what
// is unreachable.
func (a *Advice) endsEmbryo() bool {
	if a.Type == 3 && a.Code > 1 && (a.Kind == ICMPNet || a.Kind == ICMPHost) {
		return false
	}
	return slices.Contains([]ICMP{ICMPNet, ICMPHost, ICMPExpired, ICMPParameter}, a.Kind)
}

// icmpRFC is how RFC 9293 3.9.2.2 tells soft errors from hard ones. What is too big is
// the business of path MTU discovery.
var icmpRFC = [numICMP]ICMPAnswer{
	ICMPNet:        {fsm.SoftError, fsm.SoftError, ENETUNREACH},
	ICMPHost:       {fsm.SoftError, fsm.SoftError, EHOSTUNREACH},
	ICMPProtocol:   {fsm.HardError, fsm.HardError, ECONNREFUSED},
	ICMPPort:       {fsm.HardError, fsm.HardError, ECONNREFUSED},
	ICMPRoute:      {fsm.SoftError, fsm.SoftError, EHOSTUNREACH},
	ICMPNetBarred:  {fsm.SoftError, fsm.SoftError, ENETUNREACH},
	ICMPHostBarred: {fsm.SoftError, fsm.SoftError, EHOSTUNREACH},
	ICMPBarred:     {fsm.SoftError, fsm.SoftError, EHOSTUNREACH},
	ICMPExpired:    {fsm.SoftError, fsm.SoftError, EHOSTUNREACH},
	ICMPParameter:  {fsm.SoftError, fsm.SoftError, EHOSTUNREACH},
}

// icmpLinux is icmp_err_convert: whatever comes ends a connection that is being
// opened, and none that is open.
var icmpLinux = [numICMP]ICMPAnswer{
	ICMPNet:        {fsm.HardError, fsm.SoftError, ENETUNREACH},
	ICMPHost:       {fsm.HardError, fsm.SoftError, EHOSTUNREACH},
	ICMPProtocol:   {fsm.HardError, fsm.SoftError, ENOPROTOOPT},
	ICMPPort:       {fsm.HardError, fsm.SoftError, ECONNREFUSED},
	ICMPRoute:      {fsm.HardError, fsm.SoftError, EOPNOTSUPP},
	ICMPNetBarred:  {fsm.HardError, fsm.SoftError, ENETUNREACH},
	ICMPHostBarred: {fsm.HardError, fsm.SoftError, EHOSTUNREACH},
	ICMPBarred:     {fsm.HardError, fsm.SoftError, EHOSTUNREACH},
	ICMPExpired:    {fsm.HardError, fsm.SoftError, EHOSTUNREACH},
	ICMPParameter:  {fsm.HardError, fsm.SoftError, EHOSTUNREACH},
}

// icmpBSD is tcp_ctlinput: some messages end a connection that is being opened, the
// others are noted.
var icmpBSD = [numICMP]ICMPAnswer{
	ICMPNet:        {fsm.SoftError, fsm.SoftError, EHOSTUNREACH},
	ICMPHost:       {fsm.SoftError, fsm.SoftError, EHOSTUNREACH},
	ICMPProtocol:   {fsm.HardError, fsm.SoftError, ECONNREFUSED},
	ICMPPort:       {fsm.HardError, fsm.SoftError, ECONNREFUSED},
	ICMPRoute:      {fsm.SoftError, fsm.SoftError, EHOSTUNREACH},
	ICMPNetBarred:  {fsm.HardError, fsm.SoftError, ECONNREFUSED},
	ICMPHostBarred: {fsm.HardError, fsm.SoftError, ECONNREFUSED},
	ICMPBarred:     {fsm.HardError, fsm.SoftError, ECONNREFUSED},
	ICMPExpired:    {fsm.HardError, fsm.SoftError, EHOSTUNREACH},
	ICMPParameter:  {fsm.SoftError, fsm.SoftError, ENOPROTOOPT},
}

// icmpNoted is RFC 9293's table for systems that no message makes give up a connection
// that is open (RFC 5927 5.2).
func icmpNoted() [numICMP]ICMPAnswer {
	t := icmpRFC
	for i := range t {
		if t[i].Open == fsm.HardError {
			t[i].Open = fsm.SoftError
		}
	}
	return t
}

var icmpKinds = [numICMP]struct{ name, says string }{
	{"icmp_net", "ICMP: the network is unreachable"},
	{"icmp_host", "ICMP: the host is unreachable"},
	{"icmp_protocol", "ICMP: the host has no TCP"},
	{"icmp_port", "ICMP: nobody at the port"},
	{"icmp_too_big", "ICMP: too large for the path"},
	{"icmp_route", "ICMP: the source route failed"},
	{"icmp_net_barred", "ICMP: the network is prohibited"},
	{"icmp_host_barred", "ICMP: the host is prohibited"},
	{"icmp_barred", "ICMP: a filter prohibits it"},
	{"icmp_expired", "ICMP: the time to live ran out"},
	{"icmp_parameter", "ICMP: a field of the header is wrong"},
	{"icmp_quench", "ICMP: too much is sent"},
	{"icmp_redirect", "ICMP: another router is nearer"},
}

var adviceNames = [...]string{fsm.Quench: "ignored", fsm.SoftError: "noted", fsm.HardError: "aborts"}

// text tells what a system does about a message.
func (a *ICMPAnswer) text(s *System) string {
	if a.Opening == fsm.Quench && a.Open == fsm.Quench {
		return "ignored"
	}
	text := s.ErrnoName(a.Err) + ", " + adviceNames[a.Opening]
	if a.Opening != a.Open {
		text += "; open: " + adviceNames[a.Open]
	}
	return text
}
