package matrix

import "github.com/tcpsim/tcpsim/fsm"

// contradiction tells why a combination cannot be, whatever the system, or "".
func (c Cell) contradiction() string {
	if why := c.pendingContradicts(); why != "" {
		return why
	}
	switch c.State {
	case fsm.CloseWait, fsm.Closing, fsm.LastAck, fsm.TimeWait:
		if c.Peer == SendsFIN {
			return "the peer's FIN has come already, and it sends only one"
		}
	default:
	}
	return ""
}

// pendingContradicts tells why nothing of the kind can be pending in the state.
func (c Cell) pendingContradicts() string {
	switch c.State {
	case fsm.SynSent:
		switch c.Pending {
		case Unread:
			return "no text has come before the peer's SYN"
		case Unacked:
			return "text waits until the connection is established"
		case ZeroWindow:
			return "the peer has not offered a window yet"
		default:
		}
	case fsm.SynReceived:
		switch c.Pending {
		case Unread:
			return "text that comes with a SYN is held back until the connection is established"
		case Unacked:
			return "text waits until the connection is established"
		case ZeroWindow:
			return "the window that a SYN offers is open"
		default:
		}
	case fsm.FinWait2, fsm.TimeWait:
		switch c.Pending {
		case Unsent, Unacked, ZeroWindow:
			return "our FIN is acknowledged, and all text before it"
		default:
		}
	default:
	}
	return ""
}
