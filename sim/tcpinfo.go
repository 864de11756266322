package sim

import (
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// TCPInfo is what getsockopt(TCP_INFO) tells of a connection: Linux's fields
// without their prefix, as far as the machine has them.
type TCPInfo struct {
	State       fsm.State
	Options     int // TCPIOptTimestamps and so on
	SndWScale   int
	RcvWScale   int
	RTO         time.Duration
	RTT         time.Duration
	RTTVar      time.Duration
	SndMSS      int // octets of text in a segment
	AdvMSS      int // octets, as our MSS option says
	PMTU        int // octets
	SndCwnd     int // segments
	SndSsthresh int // segments
	Unacked     int // segments
	Retransmits int // expiries in a row
	RcvSpace    int // octets
	NotSent     int // octets
}

// The bits of TCPInfo.Options.
const (
	TCPIOptTimestamps = 1
	TCPIOptSACK       = 2
	TCPIOptWScale     = 4
)

// Info tells of the connection behind a descriptor; a socket without one is
// CLOSED. The result is false if there is no such descriptor.
func (p *Process) Info(fd int) (TCPInfo, bool) {
	i := p.socket(fd)
	if i == none {
		return TCPInfo{}, false
	}
	n := p.host.net
	s := n.sockets.at(i)
	if s.conn == none {
		return TCPInfo{State: fsm.Closed}, true
	}
	c := n.conns.at(s.conn)
	mss := max(int(c.EffSndMSS()), 1)
	info := TCPInfo{
		State: c.State, RTO: c.RTO, RTT: c.SRTT, RTTVar: c.RTTVar,
		SndMSS: mss, AdvMSS: int(c.RcvMSS), PMTU: n.link.mtu(),
		SndCwnd: segments(c.Cwnd, mss), SndSsthresh: segments(c.Ssthresh, mss), Unacked: segments(c.Unacked(), mss),
		Retransmits: c.Retries(), RcvSpace: int(c.RcvBuf), NotSent: int(c.Unsent()),
	}
	info.SndWScale, info.RcvWScale = c.Shifts()
	ts, sack, scale := c.Negotiated()
	info.Options = number(ts)*TCPIOptTimestamps + number(sack)*TCPIOptSACK + number(scale)*TCPIOptWScale
	return info, true
}

func segments(octets uint32, mss int) int { return (int(octets) + mss - 1) / mss }
