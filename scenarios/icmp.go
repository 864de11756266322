package scenarios

import (
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// icmp lets an ICMP message reach a host: it quotes a segment that the host has sent,
// whose numbers count from where the connection's do.
func (r *runner) icmp(st *step, want *script.Packet) {
	m := want.ICMP
	local, remote, ok := r.forgedEnds(st, want)
	if !ok {
		return
	}
	a, ok := sim.FindICMP(m.Type, m.Code, r.net.Addr(local.Addr).Is6())
	switch name := strings.TrimSpace(m.Type + " " + m.Code); {
	case !ok:
		r.errorf(m.Pos, "icmp: unknown message %q%s", name, Nearest(name, sim.ICMPNames()))
		return
	case m.UDP:
		r.errorf(m.Pos, "icmp: only a TCP segment can be quoted")
		return
	}
	a.Quoted = sim.Packet{From: local, To: remote}
	r.forgedBases(&a.Quoted)
	a.Quoted.Seg.Seq = a.Quoted.SeqBase + fsm.Seq(m.Seq)
	if m.MTU != nil {
		a.MTU = uint16(*m.MTU)
	}
	r.net.Advise(&a)
}
