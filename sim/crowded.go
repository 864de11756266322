package sim

import (
	"cmp"
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
)

// apart reports whether a connection is one of those that are kept only to wait for
// their end: in TIME-WAIT, or in FIN-WAIT-2 without a user.
func (c *conn) apart() bool {
	return c.State == fsm.TimeWait || c.State == fsm.FinWait2 && c.Detached()
}

// count enters a connection in the host's counts, by 1, or takes it out, by -1. One that
// is a SYN cookie is nowhere.
func (h *Host) count(c *conn, by int) {
	if c.cookie {
		return
	}
	h.inState[c.State] += by
	if c.apart() {
		h.apart += by
	}
}

// forgotten reports whether nobody knows of an embryo any more when a segment comes for it:
// it has no listener, or it is a SYN cookie, which only its ACK brings back.
func (c *conn) forgotten(seg *fsm.Segment) bool {
	return c.forsaken || c.cookie && seg.Flags&(fsm.SYN|fsm.RST|fsm.ACK) == fsm.SYN
}

// remember enters a connection in the host's counts that was a SYN cookie.
func (n *Network) remember(c *conn) {
	if c.cookie {
		c.cookie = false
		n.hosts[c.host].count(c, 1)
	}
}

// crowdedOut deletes a connection that has just become one of those that are kept
// apart, or the one that has been in TIME-WAIT for longest, if there are more than may be.
func (n *Network) crowdedOut(h *Host, c *conn, before fsm.State, apart bool) {
	limit := h.system.TimeWaitLimit
	switch {
	case limit >= noTimeWaitLimit:
	case h.system.TimeWaitOldest:
		if c.State == fsm.TimeWait && before != fsm.TimeWait && h.inState[fsm.TimeWait] > limit {
			n.endOldest(h, c)
		}
	case h.system.TCP.Features&fsm.FinWait2Alone == 0:
		if c.State == fsm.TimeWait && before != fsm.TimeWait && h.inState[fsm.TimeWait] > limit {
			n.crowded(c)
		}
	case c.apart() && !apart && h.apart > limit:
		n.crowded(c)
	}
}

// waiting is a connection that was in TIME-WAIT until at when it was listed.
type waiting struct {
	at   fsm.Time
	conn int32
	gen  uint32
}

// endOldest deletes the connection that has been in TIME-WAIT for longest, to make room
// for one; that itself if there is no other. They are listed only when the last list is
// used up: what is not on it came later.
func (n *Network) endOldest(h *Host, newest *conn) {
	if h.inState[fsm.TimeWait] == 1 {
		n.crowded(newest) // whoever steps it releases it
		return
	}
	for {
		for len(h.oldest) > 0 {
			w := h.oldest[0]
			h.oldest = h.oldest[1:]
			c := n.conns.at(w.conn)
			if c.live && c.gen == w.gen && c.State == fsm.TimeWait && c.WaitAt == w.at && c != newest {
				n.crowded(c)
				n.release(w.conn)
				return
			}
		}
		for i := range n.conns.count {
			if c := n.conns.at(i); c.live && c.host == h.id && c.State == fsm.TimeWait {
				h.oldest = append(h.oldest, waiting{c.WaitAt, i, c.gen})
			}
		}
		slices.SortStableFunc(h.oldest, func(a, b waiting) int { return cmp.Compare(a.at, b.at) })
	}
}

// crowded closes a connection that there is no room for. No rule of TCP says so.
func (n *Network) crowded(c *conn) {
	if n.wants(Moved) {
		n.record(Record{Kind: Moved, Host: c.host, Conn: c.id, From: c.State, To: fsm.Closed})
	}
	h := n.hosts[c.host]
	h.count(c, -1)
	c.State = fsm.Closed
	h.count(c, 1)
}
