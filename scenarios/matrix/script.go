package matrix

import (
	"fmt"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// Script writes a cell as a script that holds: what was seen in its run are its
// expectations. A cell that cannot be reached has none, but a reason.
func Script(c Cell) (text []byte, reason string, err error) {
	r, w := run(c)
	if r.Reason != "" {
		return nil, r.Reason, nil
	}
	if w == nil || w.err != nil || !w.called { // as a violation tells in the table
		return nil, "", fmt.Errorf("%s: %s", c.Name(), strings.Join(r.Broken, "; "))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// %s\n", c.Title())
	for _, l := range wrap("What came of it: "+r.Outcome()+".", 77) {
		fmt.Fprintf(&b, "// %s\n", l)
	}
	fmt.Fprintf(&b, "--hosts=%s\n--profile=%s\n--delay=%v\n\n", strings.Join(hostNames, ","), c.Profile, delay)
	for k, l := range w.lines {
		if k == w.mark {
			b.WriteString("\n// The call.\n")
		}
		if text := l.write(); text != "" {
			b.WriteString(text + "\n")
		}
	}
	text, err = script.Format(c.Name(), []byte(b.String()))
	return text, "", err
}

// write writes a line of the protocol as scripts do.
func (l *line) write() string {
	switch st := l.step; {
	case l.forged:
		return ""
	case st == nil:
		return fmt.Sprintf("%s %s > %s", at(l.at), hostNames[l.from], expected(&l.seg))
	case st.call != nil:
		return fmt.Sprintf("%s %s %s = %s", span(st.call), hostNames[st.who], st.text, returned(st.call))
	case st.who == network:
		return at(l.at) + " " + st.text
	case l.result == "":
		return fmt.Sprintf("%s %s %s", at(l.at), hostNames[st.who], st.text)
	default:
		return fmt.Sprintf("%s %s %s = %s", at(l.at), hostNames[st.who], st.text, l.result)
	}
}

// expected writes a segment that is expected, whatever the options of a SYN.
func expected(s *fsm.Segment) string {
	if s.Flags&fsm.SYN != 0 {
		return s.Header() + " <...>"
	}
	return s.Header()
}

// at writes an instant of the script.
func at(t fsm.Time) string { return fmt.Sprintf("%d.%06d", int64(t)/1e9, int64(t)%1e9/1e3) }

// span writes when a call is made and when it returns.
func span(c *sim.Call) string {
	switch {
	case !c.Done || c.Never:
		return at(c.Started) + "...never"
	case c.Ended > c.Started:
		return at(c.Started) + "..." + at(c.Ended)
	}
	return at(c.Started)
}

func returned(c *sim.Call) string {
	if !c.Done || c.Never {
		return "..."
	}
	return answer(c)
}

// Title is the cell in a sentence.
func (c Cell) Title() string {
	calls := []string{
		"close()", "shutdown(SHUT_RD)", "shutdown(SHUT_WR)", "shutdown(SHUT_RDWR)", "exit()", "kill()",
		"close() of one descriptor of two",
	}
	lingers := []string{"without SO_LINGER", "with linger 0", fmt.Sprintf("with linger %v", LingerSeconds*time.Second)}
	modes := []string{"blocking", "non-blocking"}
	pendings := []string{
		"nothing pending", "unread data", "unsent data", "unacknowledged data", "data behind a zero window",
	}
	peers := []string{
		"acknowledges", "acknowledges late", "never answers", "closes too", "resets the connection",
	}
	return fmt.Sprintf("%s in %v, %s, %s, %s; the peer %s.", calls[c.Call], c.State, lingers[c.Linger],
		modes[c.Mode], pendings[c.Pending], peers[c.Peer])
}

// wrap breaks a text into lines.
func wrap(text string, width int) []string {
	var lines []string
	now := ""
	for _, word := range strings.Fields(text) {
		if now != "" && len(now)+1+len(word) > width {
			lines = append(lines, now)
			now = ""
		}
		if now != "" {
			now += " "
		}
		now += word
	}
	return append(lines, now)
}
