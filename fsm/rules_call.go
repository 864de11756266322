package fsm

import "time"

// callRules are the user calls (RFC 9293 3.10.1 to 3.10.6), and the parameters
// that a user may set.
var callRules = []Rule{
	// OPEN, RFC 9293 3.10.1.
	{
		Name: "open-active", Cite: Cite{9293, "3.10.1", "CLOSED", ""},
		Says: "an active OPEN sends a SYN with a new initial sequence number",
		On:   EvOpen, In: in(Closed),
		When: func(c *Conn, _ *Segment) bool { return c.ev.Active && c.ev.Remote },
		Do:   (*Conn).connect, To: in(SynSent), Then: Done,
	},
	{
		Name: "open-passive", Cite: Cite{9293, "3.10.1", "CLOSED", ""},
		Says: "a passive OPEN listens",
		On:   EvOpen, In: in(Closed),
		When: func(c *Conn, _ *Segment) bool { return !c.ev.Active },
		Do: func(c *Conn, _ *Segment) {
			c.restart()
			c.reply(OK, 0)
			c.enter(Listen)
		}, To: in(Listen), Then: Done,
	},
	{
		Name: "open-listen-active", Cite: Cite{9293, "3.10.1", "LISTEN", ""},
		Says: "an active OPEN turns a listening connection into a connecting one",
		On:   EvOpen, In: in(Listen),
		When: func(c *Conn, _ *Segment) bool { return c.ev.Active && c.ev.Remote },
		Do:   (*Conn).connect, To: in(SynSent), Then: Done,
	},
	{
		Name: "open-unspecified", Cite: Cite{9293, "3.10.1", "", ""},
		Says: "an active OPEN needs a remote socket",
		On:   EvOpen, In: in(Closed, Listen),
		When: func(c *Conn, _ *Segment) bool { return c.ev.Active },
		Do:   answer(Unspecified), Then: Done,
	},
	{
		Name: "open-exists", Cite: Cite{9293, "3.10.1", "", ""},
		Says: "a connection that is open cannot be opened again",
		On:   EvOpen, In: anyState &^ in(Closed),
		Do: answer(Exists), Then: Done,
	},

	// SEND, RFC 9293 3.10.2.
	{
		Name: "send-closed", Cite: Cite{9293, "3.10.2", "CLOSED", ""},
		Says: "without a connection there is nothing to send on",
		On:   EvSend, In: in(Closed),
		Do: answer(NotExist), Then: Done,
	},
	{
		Name: "send-listen-active", Cite: Cite{9293, "3.10.2", "LISTEN", ""},
		Says: "a SEND to a given remote socket turns a listening connection into a connecting one",
		On:   EvSend, In: in(Listen),
		When: func(c *Conn, _ *Segment) bool { return c.ev.Remote },
		Do: func(c *Conn, _ *Segment) {
			c.open()
			c.enqueue()
		}, To: in(SynSent), Then: Done,
	},
	{
		Name: "send-listen-unspecified", Cite: Cite{9293, "3.10.2", "LISTEN", ""},
		Says: "a listening connection has no remote socket to send to",
		On:   EvSend, In: in(Listen),
		Do: answer(Unspecified), Then: Done,
	},
	{
		Name: "send-after-close", Cite: Cite{9293, "3.10.2", "", ""},
		Says: "a CLOSE that waits for its FIN ends sending all the same",
		On:   EvSend, In: in(SynSent, SynReceived, CloseWait),
		When: func(c *Conn, _ *Segment) bool { return c.is(flagClosePending) },
		Do:   answer(ClosingError), Then: Done,
	},
	{
		Name: "send-queued", Cite: Cite{9293, "3.10.2", "", ""},
		Says: "text sent before the connection is established waits for it",
		On:   EvSend, In: in(SynSent, SynReceived),
		Do: func(c *Conn, _ *Segment) { c.enqueue() }, Then: Done,
	},
	{
		Name: "send-text", Cite: Cite{9293, "3.10.2", "", ""},
		Says: "text is segmentized and sent with a piggybacked ACK",
		On:   EvSend, In: canSend,
		Do: func(c *Conn, _ *Segment) { c.enqueue() }, Then: Done,
	},
	{
		Name: "send-closing", Cite: Cite{9293, "3.10.2", "", ""},
		Says: "after CLOSE nothing more can be sent",
		On:   EvSend, In: closedOurs,
		Do: answer(ClosingError), Then: Done,
	},

	// RECEIVE, RFC 9293 3.10.3.
	{
		Name: "receive-closed", Cite: Cite{9293, "3.10.3", "CLOSED", ""},
		Says: "without a connection there is nothing to receive from",
		On:   EvReceive, In: in(Closed),
		Do: answer(NotExist), Then: Done,
	},
	{
		Name: "receive-queued", Cite: Cite{9293, "3.10.3", "", ""},
		Says: "a RECEIVE before the connection is established waits for it",
		On:   EvReceive, In: in(Listen, SynSent, SynReceived),
		Do: answer(Queued), Then: Done,
	},
	{
		// The RFC answers "connection closing" from CLOSING on, as if the user
		// had received everything before. Text that came before the FIN was
		// acknowledged, so the user gets it in these states too.
		Name: "receive-text", Cite: Cite{9293, "3.10.3", "", ""},
		Says: "text on hand is given to the user, and its room to the peer",
		On:   EvReceive, In: synchronized,
		When: func(c *Conn, _ *Segment) bool { return c.Unread > 0 },
		Do: func(c *Conn, _ *Segment) {
			n := min(c.ev.N, c.Unread)
			c.reply(OK, n)
			c.received(n)
		}, Then: Done,
	},
	{
		Name: "receive-wait", Cite: Cite{9293, "3.10.3", "", ""},
		Says: "a RECEIVE with no text on hand waits for some",
		On:   EvReceive, In: finless,
		Do: answer(Queued), Then: Done,
	},
	{
		Name: "receive-end", Cite: Cite{9293, "3.10.3", "", ""},
		Says: "after the peer's FIN and the last octet a RECEIVE finds the end",
		On:   EvReceive, In: in(CloseWait, Closing, LastAck, TimeWait),
		Do: answer(ClosingError), Then: Done,
	},

	// CLOSE, RFC 9293 3.10.4.
	{
		Name: "close-closed", Cite: Cite{9293, "3.10.4", "CLOSED", ""},
		Says: "without a connection there is nothing to close",
		On:   EvClose, In: in(Closed),
		Do: answer(NotExist), Then: Done,
	},
	{
		Name: "close-listen", Cite: Cite{9293, "3.10.4", "LISTEN", ""},
		Says: "closing a listening connection deletes it",
		On:   EvClose, In: in(Listen),
		Do: (*Conn).forget, To: in(Closed), Then: Done,
	},
	{
		Name: "close-synsent", Cite: Cite{9293, "3.10.4", "SYN-SENT", ""},
		Says: "closing before the SYN is answered deletes the connection and sends nothing",
		On:   EvClose, In: in(SynSent),
		Do: (*Conn).forget, To: in(Closed), Then: Done,
	},
	{
		Name: "close-again", Cite: Cite{9293, "3.10.4", "", ""},
		Says: "a CLOSE that waits is not queued twice",
		On:   EvClose, In: in(SynReceived, CloseWait),
		When: func(c *Conn, _ *Segment) bool { return c.is(flagClosePending) },
		Do:   answer(ClosingError), Then: Done,
	},
	{
		Name: "close-synrcvd-deleted", Cite: Cite{9293, "3.10.4", "SYN-RECEIVED", ""},
		Says: "a connection that is not open yet is deleted, and nothing is sent",
		With: CloseSynReceivedDeletes, On: EvClose, In: in(SynReceived),
		Do: (*Conn).forget, To: in(Closed), Then: Done,
	},
	{
		Name: "close-synrcvd-eager", Cite: Cite{9293, "3.10.4", "SYN-RECEIVED", ""},
		Says: "the FIN follows the SYN and what is still to be sent; FIN-WAIT-1 in any case",
		With: FinStateEager, On: EvClose, In: in(SynReceived),
		Do: closeTo(FinWait1), To: in(FinWait1), Then: Done,
	},
	{
		Name: "close-synrcvd", Cite: Cite{9293, "3.10.4", "SYN-RECEIVED", ""},
		Says: "with nothing to send, a FIN can follow the SYN at once",
		On:   EvClose, In: in(SynReceived),
		When: func(c *Conn, _ *Segment) bool { return c.Pending() == 0 },
		Do:   closeTo(FinWait1), To: in(FinWait1), Then: Done,
	},
	{
		Name: "close-synrcvd-queued", Cite: Cite{9293, "3.10.4", "SYN-RECEIVED", ""},
		Says: "with text to send, CLOSE waits until the connection is established",
		On:   EvClose, In: in(SynReceived),
		Do: (*Conn).closeLater, Then: Done,
	},
	{
		Name: "close-established", Cite: Cite{9293, "3.10.4", "ESTABLISHED", ""},
		Says: "the FIN follows what is still to be sent; FIN-WAIT-1 in any case",
		On:   EvClose, In: in(Established),
		Do: closeTo(FinWait1), To: in(FinWait1), Then: Done,
	},
	{
		Name: "close-finwait", Cite: Cite{9293, "3.10.4", "", ""},
		Says: "a second CLOSE is ok and sends no second FIN",
		On:   EvClose, In: in(FinWait1, FinWait2),
		Do: answer(OK), Then: Done,
	},
	{
		// The state says LAST-ACK although the FIN may still sit behind text:
		// BSD and Linux do so, the RFC waits.
		Name: "close-closewait-eager", Cite: Cite{9293, "3.10.4", "CLOSE-WAIT", ""},
		Says: "the FIN follows what is still to be sent; LAST-ACK in any case",
		With: FinStateEager, On: EvClose, In: in(CloseWait),
		Do: closeTo(LastAck), To: in(LastAck), Then: Done,
	},
	{
		Name: "close-closewait", Cite: Cite{9293, "3.10.4", "CLOSE-WAIT", ""},
		Says: "all that was sent is segmentized: a FIN, and LAST-ACK",
		On:   EvClose, In: in(CloseWait),
		When: func(c *Conn, _ *Segment) bool { return c.segmentized() },
		Do:   closeTo(LastAck), To: in(LastAck), Then: Done,
	},
	{
		Name: "close-closewait-queued", Cite: Cite{9293, "3.10.4", "CLOSE-WAIT", ""},
		Says: "CLOSE waits until all that was sent, and the FIN, can be segmentized",
		On:   EvClose, In: in(CloseWait),
		Do: (*Conn).closeLater, Then: Done,
	},
	{
		Name: "close-closing", Cite: Cite{9293, "3.10.4", "", ""},
		Says: "a connection that is closing cannot be closed again",
		On:   EvClose, In: in(Closing, LastAck, TimeWait),
		Do: answer(ClosingError), Then: Done,
	},

	// ABORT, RFC 9293 3.10.5.
	{
		Name: "abort-closed", Cite: Cite{9293, "3.10.5", "CLOSED", ""},
		Says: "without a connection there is nothing to abort",
		On:   EvAbort, In: in(Closed),
		Do: answer(NotExist), Then: Done,
	},
	{
		Name: "abort-unsynchronized", Cite: Cite{9293, "3.10.5", "", ""},
		Says: "nothing is sent: the peer knows of no connection",
		On:   EvAbort, In: in(Listen, SynSent),
		Do: (*Conn).abort, To: in(Closed), Then: Done,
	},
	{
		Name: "abort-synrcvd-silent", Cite: Cite{9293, "3.10.5", "", ""},
		Says: "a connection that is not open yet is deleted, and nothing is sent",
		With: AbortSynReceivedSilent, On: EvAbort, In: in(SynReceived),
		Do: (*Conn).abort, To: in(Closed), Then: Done,
	},
	{
		Name: "abort-reset", Cite: Cite{9293, "3.10.5", "", ""},
		Says: "a RST tells the peer that the connection is gone, and what was queued is lost",
		On:   EvAbort, In: in(SynReceived, Established, FinWait1, FinWait2, CloseWait),
		Do: func(c *Conn, seg *Segment) {
			c.sendReset()
			c.abort(seg)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "abort-closing-reset", Cite: Cite{9293, "3.10.5", "", ""},
		Says: "both sides have said all, but a RST tells the peer all the same that nobody waits any more",
		With: AbortClosingReset, On: EvAbort, In: in(Closing, LastAck),
		Do: func(c *Conn, _ *Segment) {
			c.sendReset()
			c.reply(OK, 0)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "abort-closing-pending", Cite: Cite{9293, "3.6.1", "", "SHLD-3"},
		Says: "a RST tells the peer that something which it sent, or which was for it, is lost",
		With: AbortPendingReset, On: EvAbort, In: in(Closing, LastAck),
		When: func(c *Conn, _ *Segment) bool { return c.Unread > 0 && !c.ev.Forget || c.Unsent() > 0 || !c.FinSent() },
		Do: func(c *Conn, _ *Segment) {
			c.sendReset()
			c.reply(OK, 0)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},
	{
		Name: "abort-closing", Cite: Cite{9293, "3.10.5", "", ""},
		Says: "both sides have said all: the connection is deleted and nothing is sent",
		On:   EvAbort, In: in(Closing, LastAck, TimeWait),
		Do: func(c *Conn, _ *Segment) {
			c.reply(OK, 0)
			c.enter(Closed)
		}, To: in(Closed), Then: Done,
	},

	// STATUS, RFC 9293 3.10.6.
	{
		Name: "status-closed", Cite: Cite{9293, "3.10.6", "CLOSED", ""},
		Says: "without a connection there is no state to tell",
		On:   EvStatus, In: in(Closed),
		Do: answer(NotExist), Then: Done,
	},
	{
		Name: "status", Cite: Cite{9293, "3.10.6", "", ""},
		Says: "the state is told",
		On:   EvStatus, In: anyState &^ in(Closed),
		Do: func(c *Conn, _ *Segment) {
			a := c.act(Reply)
			a.From, a.To = c.State, c.State
		}, Then: Done,
	},
}

// answer is an effect that only answers the call.
func answer(r Result) func(*Conn, *Segment) {
	return func(c *Conn, _ *Segment) { c.reply(r, 0) }
}

// open sends the SYN of an active OPEN: <SEQ=ISS><CTL=SYN>.
func (c *Conn) open() {
	c.restart()
	c.start(c.ev.ISS)
	c.enter(SynSent)
	c.sendSyn()
}

func (c *Conn) connect(*Segment) {
	c.reply(OK, 0)
	c.open()
	if c.ev.N > 0 {
		c.UserAt = c.now.Add(time.Duration(c.ev.N) * time.Millisecond)
	}
}

// forget deletes a connection that nobody knows of yet.
func (c *Conn) forget(*Segment) {
	c.reply(OK, 0)
	c.notify(ClosingError)
	c.enter(Closed)
}

// abort deletes the connection; calls that wait learn that it was reset.
func (c *Conn) abort(*Segment) {
	c.reply(OK, 0)
	c.notify(ResetError)
	c.enter(Closed)
}

// closeTo carries out CLOSE at once: the FIN follows the text, and the state
// tells so.
func closeTo(s State) func(*Conn, *Segment) {
	return func(c *Conn, _ *Segment) {
		c.reply(OK, 0)
		c.queueFin()
		c.enter(s)
	}
}

// closeLater queues a CLOSE. It pushes the text before it.
func (c *Conn) closeLater(*Segment) {
	c.reply(OK, 0)
	c.set(flagClosePending, true)
	c.push()
	c.wantOutput()
}
