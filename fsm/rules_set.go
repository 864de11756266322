package fsm

import "time"

// setRules are the parameters that the user states for one connection, and the
// two facts about the user that TCP must know.
var setRules = []Rule{
	{
		Name: "set-nodelay", Cite: Cite{9293, "3.7.4", "", "MUST-17"},
		Says: "the user can switch the Nagle algorithm off",
		On:   EvSet, In: anyState, When: states(NoDelay),
		Do: func(c *Conn, _ *Segment) {
			c.set(flagNoDelay, c.ev.N != 0)
			c.wantOutput()
		}, Then: Done,
	},
	{
		Name: "set-cork", Cite: Cite{9293, "3.9.1.2", "", "MAY-16"},
		Says: "the user can hold text that does not fill a segment, and push it later",
		On:   EvSet, In: anyState, When: states(Cork),
		Do: func(c *Conn, _ *Segment) {
			c.set(flagCork, c.ev.N != 0)
			if c.ev.N == 0 {
				c.SndPush = c.SndEnd
				c.wantOutput()
			}
		}, Then: Done,
	},
	{
		Name: "set-keepalive", Cite: Cite{9293, "3.8.4", "", "MUST-24"},
		Says: "the user can switch keep-alives on",
		On:   EvSet, In: anyState, When: states(KeepAlive),
		Do: func(c *Conn, _ *Segment) {
			c.set(flagKeepAlive, c.ev.N != 0)
			c.heard()
		}, Then: Done,
	},
	{
		Name: "set-keepalive-times", Cite: Cite{9293, "3.8.4", "", "MUST-27"},
		Says: "the user can say how long a connection is idle before keep-alives, and how many are sent how often",
		On:   EvSet, In: anyState, When: states(KeepIdle, KeepInterval, KeepCount),
		Do: func(c *Conn, _ *Segment) {
			switch c.ev.Param {
			case KeepIdle:
				c.KeepIdle = c.ev.N
			case KeepInterval:
				c.KeepInterval = c.ev.N
			default:
				c.keepCount = uint8(min(c.ev.N, 255))
			}
			c.heard()
		}, Then: Done,
	},
	{
		Name: "set-user-timeout", Cite: Cite{9293, "3.8.3", "(d)", "MUST-21"},
		Says: "the user can say how long text may stay unacknowledged",
		On:   EvSet, In: anyState, When: states(UserTimeout),
		Do: func(c *Conn, _ *Segment) {
			c.UserTimeout = c.ev.N
			c.UserAt = 0
			if c.Unacked() > 0 && c.ev.N > 0 && c.State != Closed {
				c.UserAt = max(c.FirstAt.Add(time.Duration(c.ev.N)*time.Millisecond), c.now+1)
				if c.prof.UserTimeoutFromRepeat { // nobody looks before the next repeat
					c.UserAt = max(c.UserAt, c.RexmtAt)
				}
			}
		}, Then: Done,
	},
	{
		Name: "set-buffers", Cite: Cite{9293, "3.8.6", "", ""},
		Says: "the user can size the buffers; a window that was offered stays offered",
		On:   EvSet, In: anyState, When: states(RcvBuf, SndBuf),
		Do: func(c *Conn, _ *Segment) {
			if c.ev.Param == RcvBuf {
				c.RcvBuf = c.ev.N
			} else {
				c.SndBuf = c.ev.N
			}
		}, Then: Done,
	},
	{
		Name: "set-max-segment", Cite: Cite{9293, "3.7.1", "", "MUST-16"},
		Says: "the user can ask for smaller segments than the path allows",
		On:   EvSet, In: anyState, When: states(MaxSegment),
		Do: func(c *Conn, _ *Segment) { c.RcvMSS = min(c.RcvMSS, uint16(min(c.ev.N, 65535))) }, Then: Done,
	},
	{
		Name: "set-no-options", Cite: Cite{9293, "3.2", "", ""},
		Says: "the user can do without options, which both ends must know but need not send",
		On:   EvSet, In: anyState, When: states(NoOptions),
		Do: func(c *Conn, _ *Segment) {
			if c.State == Closed || c.State == Listen { // else what the SYN offered holds
				c.set(flagNoOptions, c.ev.N != 0)
			}
		}, Then: Done,
	},
	{
		Name: "set-shut-receive", Cite: Cite{9293, "3.6.1", "", ""},
		Says: "giving up reading sends nothing",
		On:   EvSet, In: anyState, When: states(ShutReceive),
		Do: func(c *Conn, _ *Segment) {
			c.set(flagRcvShut, true)
			c.limitFinWait2()
		}, Then: Done,
	},
	{
		Name: "set-detach-finwait2", Cite: Cite{9293, "3.6.1", "", ""},
		Says: "a user that wants no FIN-WAIT-2 without itself ends the connection when it leaves: a RST tells the peer",
		On:   EvSet, In: in(FinWait2),
		When: func(c *Conn, _ *Segment) bool { return c.ev.Param == Detach && c.FinWait2 == NoFinWait2 },
		Do: func(c *Conn, _ *Segment) {
			c.sendReset()
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "set-detach", Cite: Cite{9293, "3.6.1", "", "MAY-1"},
		Says: "when the last descriptor is closed nobody can read any more: TCP is left alone with the connection",
		On:   EvSet, In: anyState, When: states(Detach),
		Do: func(c *Conn, _ *Segment) {
			c.set(flagDetached, true)
			c.limitFinWait2()
		}, Then: Done,
	},
	{
		Name: "set-close-later", Cite: Cite{9293, "3.10.4", "SYN-RECEIVED", ""},
		Says: "the user will send no more: the FIN follows the handshake",
		On:   EvSet, In: in(SynSent, SynReceived), When: states(CloseLater),
		Do: func(c *Conn, _ *Segment) { c.closeLater(nil) }, Then: Done,
	},
	{
		Name: "set-finwait2-limit", Cite: Cite{9293, "3.6.1", "", ""},
		Says: "the user can say how long FIN-WAIT-2 may last without it",
		On:   EvSet, In: anyState, When: states(FinWait2Limit),
		Do: func(c *Conn, _ *Segment) { c.FinWait2 = c.ev.N }, Then: Done,
	},
}

// states is a guard: the Set event states one of these parameters.
func states(params ...Param) func(*Conn, *Segment) bool {
	var set uint32
	for _, p := range params {
		set |= 1 << p
	}
	return func(c *Conn, _ *Segment) bool { return set&(1<<c.ev.Param) != 0 }
}
