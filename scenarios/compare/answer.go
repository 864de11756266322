package compare

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/sim"
)

// answer writes a call's result, and what it gave beside it.
func answer(c *sim.Call) string {
	switch {
	case c.Answer != "":
		return "= " + c.Answer
	case c.SigPipe:
		return fmt.Sprintf("= -1 %s, SIGPIPE", c.ErrName())
	case c.Err != sim.OK:
		return fmt.Sprintf("= -1 %s", c.ErrName())
	}
	text := fmt.Sprintf("= %d", c.Result)
	switch c.Op {
	case sim.OpGetsockopt:
		switch c.Option {
		case sim.SoLinger:
			text += fmt.Sprintf(", {onoff=%v, linger=%d}", c.Linger.On, c.Linger.Seconds)
		case sim.SoError:
			text += fmt.Sprintf(", [%s]", c.Proc.Host().System().ErrnoName(sim.Errno(c.Value)))
		default:
			text += fmt.Sprintf(", [%d]", c.Value)
		}
	case sim.OpUnread, sim.OpUnsent:
		text += fmt.Sprintf(", [%d]", c.Value)
	case sim.OpPoll:
		var words []string
		for _, f := range c.Poll {
			words = append(words, fmt.Sprintf("fd %d: %s", f.FD, events(f.Revents)))
		}
		text += ", " + strings.Join(words, ", ")
	default:
	}
	return text
}

// pollNames are poll's events, in the order in which they are written.
var pollNames = []struct {
	event sim.PollEvents
	name  string
}{
	{sim.PollIn, "POLLIN"}, {sim.PollPri, "POLLPRI"}, {sim.PollOut, "POLLOUT"}, {sim.PollErr, "POLLERR"},
	{sim.PollHup, "POLLHUP"}, {sim.PollNval, "POLLNVAL"}, {sim.PollRdHup, "POLLRDHUP"},
}

func events(e sim.PollEvents) string {
	var words []string
	for _, p := range pollNames {
		if e&p.event != 0 {
			words = append(words, p.name)
		}
	}
	if words == nil {
		return "0"
	}
	return strings.Join(words, "|")
}
