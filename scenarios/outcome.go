package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// Status is how the run of a script ended.
type Status string

// The ways in which a run ends.
const (
	Pass  Status = "pass"
	Fail  Status = "fail"  // an expectation did not hold
	Error Status = "error" // the script cannot be read, or asks for what there is not
)

// Outcome is the result of one script under one profile.
type Outcome struct {
	Script  string // its name, as given
	Profile string
	Story   bool // the script names several profiles: reports say name@profile
	Status  Status
	Line    int // where it failed; 0 if it passed
	Column  int
	Message string   // one line: what was expected and what happened
	Detail  []string // the last states of every host, a line each
	Virtual fsm.Time // how much virtual time the run took
	Packets int      // segments that hosts sent
	Endless bool     // it is in error because the exchange goes on for ever
}

// Name is the script's name, with the profile if the script has several.
func (o *Outcome) Name() string {
	if o.Story {
		return o.Script + "@" + o.Profile
	}
	return o.Script
}

// String writes what went wrong: "file:line:column: message" and details.
func (o *Outcome) String() string {
	if o.Status == Pass {
		return o.Name() + ": pass"
	}
	var b strings.Builder
	b.WriteString(o.Name())
	if o.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", o.Line, o.Column)
	}
	b.WriteString(": " + o.Message)
	for _, d := range o.Detail {
		b.WriteString("\n    " + d)
	}
	return b.String()
}

// failure stops a run.
type failure struct {
	status  Status
	pos     script.Pos
	message string
}

// at makes an error of a script: it asks for what there is not.
func at(s *script.Script, pos script.Pos, format string, args ...any) error {
	return &script.Error{Name: s.Name, Pos: pos, Msg: fmt.Sprintf(format, args...)}
}

// failf notes the first expectation that did not hold. A story has none.
func (r *runner) failf(pos script.Pos, format string, args ...any) {
	if r.failure == nil && !r.story {
		r.failure = &failure{Fail, pos, fmt.Sprintf(format, args...)}
	}
}

// errorf notes that the script asks for what there is not.
func (r *runner) errorf(pos script.Pos, format string, args ...any) {
	if r.failure == nil {
		r.failure = &failure{Error, pos, fmt.Sprintf(format, args...)}
	}
}

// moved remembers the last change of state at each host.
func (r *runner) moved(rec *sim.Record) {
	r.moves[rec.Host] = *rec
}

// detail tells more of a run whose expectations did not hold. A script in error
// is another matter: one line says it all.
func (r *runner) detail(s Status) []string {
	if s != Fail {
		return nil
	}
	return []string{r.lastStates()}
}

// lastStates tells, in one line, how every host came to the state that it is in.
func (r *runner) lastStates() string {
	var parts []string
	for _, h := range r.net.Hosts() {
		text := h.Name
		if text == "" {
			text = "host"
		}
		if m, ok := r.moves[h.ID()]; ok {
			text += fmt.Sprintf(" %v -> %v", m.From, m.To)
			if rule := m.Rule.Rule(); rule != nil {
				text += fmt.Sprintf(" by RFC %d %s %s", rule.Cite.RFC, rule.Cite.Sec, rule.Name)
			}
		} else {
			text += " CLOSED"
		}
		parts = append(parts, text+census(h))
	}
	return strings.Join(parts, ";  ")
}

// census lists the states of a host's connections, if it has several.
func census(h *sim.Host) string {
	count := h.States()
	total := 0
	for _, n := range count {
		total += n
	}
	if total < 2 {
		return ""
	}
	return ", " + formatStates(count)
}

// formatStates writes a census as scripts do: "{CLOSE_WAIT 1, LISTEN 1}".
func formatStates(count map[fsm.State]int) string {
	var words []string
	for s, n := range count {
		words = append(words, fmt.Sprintf("%s %d", scriptState(s), n))
	}
	slices.Sort(words)
	return "{" + strings.Join(words, ", ") + "}"
}

// scriptState writes a state as scripts do: CLOSE_WAIT.
func scriptState(s fsm.State) string { return strings.ReplaceAll(s.String(), "-", "_") }
