package scenarios

import (
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// command plays a line in back-quotes. It runs nothing: a sysctl line sets what
// it names in the simulated system, a known set-up script stands for the
// profile's defaults, and anything else is an error.
func (r *runner) command(st *step, c *script.Command) {
	for _, part := range strings.FieldsFunc(c.Text, func(ch rune) bool { return ch == ';' || ch == '\n' }) {
		words := fields(part)
		if len(words) == 0 {
			continue
		}
		r.note(st, c)
		switch {
		case words[0] == "sysctl":
			r.sysctl(st, c, words[1:])
		case words[0] == "sockstat":
			r.sockstat(st, c, words)
		case words[0] == "tcpdrop":
			r.tcpdrop(st, c, words[1:])
		case strings.HasSuffix(words[0], "set_sysctls.py"):
			r.sysctl(st, c, byPath(words[1:]))
		case strings.HasSuffix(words[0], "defaults.sh"), strings.Contains(words[0], "sysctl_restore"):
		default:
			r.errorf(c.Pos, "unknown command %q (sysctl, set_sysctls.py, sockstat, tcpdrop and defaults.sh are understood; nothing is run)", words[0])
			return
		}
	}
}

// byPath turns files of /proc/sys, as Google's set-up script has them, into the names of
// parameters.
func byPath(words []string) []string {
	var names []string
	for _, w := range words {
		path, value, _ := strings.Cut(w, "=")
		names = append(names, strings.ReplaceAll(strings.TrimPrefix(path, "/proc/sys/"), "/", ".")+"="+value)
	}
	return names
}

// fields splits a command into words; quotes keep one together.
func fields(s string) []string {
	var words []string
	var w strings.Builder
	quote, any := rune(0), false
	for _, ch := range s {
		switch {
		case quote != 0 && ch == quote:
			quote = 0
		case quote != 0:
			w.WriteRune(ch)
		case ch == '"' || ch == '\'':
			quote, any = ch, true
		case ch == ' ' || ch == '\t':
			if any {
				words = append(words, w.String())
				w.Reset()
				any = false
			}
		default:
			w.WriteRune(ch)
			any = true
		}
	}
	if any {
		words = append(words, w.String())
	}
	return words
}

// sysctl sets parameters of the system of a host, or of all hosts.
func (r *runner) sysctl(st *step, c *script.Command, words []string) {
	hosts := r.net.Hosts()
	if st.Host != "" {
		hosts = []*sim.Host{r.host(st.Host)}
	}
	for _, w := range words {
		if strings.HasPrefix(w, "-") {
			continue
		}
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			r.errorf(c.Pos, "sysctl: %q does not set anything (want name=value)", w)
			return
		}
		for _, h := range hosts {
			if err := h.System().Sysctl(name, value); err != nil {
				r.errorf(c.Pos, "sysctl: %v%s", err, Nearest(name, sim.SysctlNames()))
				return
			}
		}
	}
}
