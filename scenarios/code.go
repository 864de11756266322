package scenarios

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// underTest is the connection that a code block asks about: the one that its
// host has connected or accepted last.
type underTest struct {
	proc *sim.Process
	fd   int
}

// code checks the assertions of a block "%{ ... }%".
func (r *runner) code(st *step, c *script.Code) {
	h := r.one
	if h == nil {
		h = r.host(st.Host)
	}
	u := r.tested[h.ID()]
	var info sim.TCPInfo
	if u.proc != nil {
		info, _ = u.proc.Info(u.fd)
	}
	for i, text := range statements(c.Text) {
		if text == "" {
			continue
		}
		body, ok := strings.CutPrefix(text, "assert")
		if !ok || body == "" || isNameByte(body[0]) {
			r.errorf(c.Pos, "code block, statement %d: only assertions are understood, got %q", i+1, cutText(text))
			return
		}
		v, err := evaluate(assertion(body), func(name string) (int64, error) { return infoField(info, name) })
		switch {
		case err != nil:
			r.errorf(c.Pos, "code block, statement %d: %v", i+1, err)
			return
		case v == 0:
			r.failf(st.At, "%sexpected %s, got %s", prefix(st), strings.TrimSpace(body), values(body, info))
			return
		}
	}
}

func isNameByte(b byte) bool {
	return b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// statements splits a block at its lines and semicolons, comments left out. A
// line that ends inside brackets goes on in the next.
func statements(text string) []string {
	var list []string
	open := 0
	comment := false
	var b strings.Builder
	for i := range len(text) {
		ch := text[i]
		switch {
		case ch == '\n' || ch == ';' && !comment:
			comment = comment && ch != '\n'
			if open == 0 {
				list = append(list, strings.TrimSpace(b.String()))
				b.Reset()
				continue
			}
			ch = ' '
		case comment:
			continue
		case ch == '#':
			comment = true
			continue
		case ch == '(':
			open++
		case ch == ')':
			open--
		}
		b.WriteByte(ch)
	}
	return append(list, strings.TrimSpace(b.String()))
}

// assertion leaves out the message behind a comma: "assert x == 1, x".
func assertion(body string) string {
	depth := 0
	for i := range len(body) {
		switch body[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				return body[:i]
			}
		}
	}
	return body
}

// infoConstants are the names that assertions compare fields with; states have
// Linux's numbers.
var infoConstants = map[string]int64{
	"TCPI_OPT_TIMESTAMPS": sim.TCPIOptTimestamps, "TCPI_OPT_SACK": sim.TCPIOptSACK, "TCPI_OPT_WSCALE": sim.TCPIOptWScale,
	"TCPI_OPT_ECN": 8,
}

var stateNumbers = [...]int64{
	fsm.Established: 1, fsm.SynSent: 2, fsm.SynReceived: 3, fsm.FinWait1: 4, fsm.FinWait2: 5, fsm.TimeWait: 6,
	fsm.Closed: 7, fsm.CloseWait: 8, fsm.LastAck: 9, fsm.Listen: 10, fsm.Closing: 11,
}

// infoField gives the value of a field of tcp_info, or of a constant. Lengths of
// time are in microseconds, as the kernel has them.
func infoField(i sim.TCPInfo, name string) (int64, error) {
	fields := map[string]int64{
		"tcpi_state": stateNumbers[i.State], "tcpi_options": int64(i.Options),
		"tcpi_snd_wscale": int64(i.SndWScale), "tcpi_rcv_wscale": int64(i.RcvWScale),
		"tcpi_rto": i.RTO.Microseconds(), "tcpi_rtt": i.RTT.Microseconds(), "tcpi_rttvar": i.RTTVar.Microseconds(),
		"tcpi_snd_mss": int64(i.SndMSS), "tcpi_advmss": int64(i.AdvMSS), "tcpi_pmtu": int64(i.PMTU),
		"tcpi_snd_cwnd": int64(i.SndCwnd), "tcpi_snd_ssthresh": int64(i.SndSsthresh),
		"tcpi_unacked": int64(i.Unacked), "tcpi_retransmits": int64(i.Retransmits),
		"tcpi_rcv_space": int64(i.RcvSpace), "tcpi_notsent_bytes": int64(i.NotSent),
	}
	if v, ok := fields[name]; ok {
		return v, nil
	}
	if v, ok := infoConstants[name]; ok {
		return v, nil
	}
	if strings.HasPrefix(name, "TCP_") || strings.HasPrefix(name, "TCPI_") {
		if s, err := fsm.ParseState(name); err == nil {
			return stateNumbers[s], nil
		}
	}
	return 0, fmt.Errorf("unknown name %q", name)
}

// values writes the fields that an assertion names, with their values.
func values(body string, i sim.TCPInfo) string {
	var parts []string
	for _, w := range strings.FieldsFunc(body, func(ch rune) bool { return ch > 127 || !isNameByte(byte(ch)) }) {
		if v, err := infoField(i, w); err == nil && strings.HasPrefix(w, "tcpi_") {
			text := fmt.Sprintf("%s = %d", w, v)
			if w == "tcpi_state" {
				text = "tcpi_state = TCP_" + scriptState(i.State)
			}
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}
