package matrix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
)

// change is what some profiles do otherwise than the first in a cell, in two ways to
// say it: what differs, and what comes of the cell instead.
type change struct {
	under         string
	differs, does string
	at            box
}

// changes writes how the other profiles differ from the first in one state. What is
// the same in several cells is one row: of the two ways to say it that which makes
// the fewer rows.
func (d *digest) changes(b *strings.Builder, s fsm.State) {
	var list []change
	for _, c := range Cells([]string{""}, Filter{States: []string{strings.ToLower(s.String())}}) {
		list = append(list, d.others(c)...)
	}
	if list == nil {
		return
	}
	b.WriteString("\n| under | what differs | call; linger; pending; peer |\n| --- | --- | --- |\n")
	var under []string
	for i := range list {
		under = with(under, list[i].under)
	}
	for _, name := range under {
		of := slices.Clone(list)
		of = slices.DeleteFunc(of, func(t change) bool { return t.under != name })
		for len(of) > 0 {
			text := most(of)
			var at []box
			of = slices.DeleteFunc(of, func(t change) bool {
				here := t.differs == text || t.does == text
				if here {
					at = append(at, t.at)
				}
				return here
			})
			var where []string
			for _, r := range join(at) {
				where = append(where, fmt.Sprintf("%s; %s; %s; %s", values(r.calls, CallNames), lingers(r.lingers),
					values(r.pendings, PendingNames), values(r.peers, PeerNames)))
			}
			fmt.Fprintf(b, "| %s | %s | %s |\n", name, text, strings.Join(where, "<br>"))
		}
	}
}

// most is the text that says it of the most cells, and of those the first.
func most(list []change) string {
	count := map[string]int{}
	for i := range list {
		count[list[i].differs]++
		if list[i].does != list[i].differs {
			count[list[i].does]++
		}
	}
	best := list[0].differs
	for i := range list {
		for _, text := range []string{list[i].differs, list[i].does} {
			if count[text] > count[best] {
				best = text
			}
		}
	}
	return best
}

// others tells what the profiles but the first do in a cell, where that is something
// else: once for those that do the same.
func (d *digest) others(c Cell) []change {
	at := box{
		[]string{c.Call.String()}, []string{c.Linger.String() + " " + c.Mode.String()}, []string{c.Pending.String()}, []string{c.Peer.String()}, "",
	}
	c.Profile = d.profiles[0]
	first := d.at[c]
	var list []change
	var under [][]string
	for _, p := range d.profiles[1:] {
		c.Profile = p
		for _, t := range differs(first, d.at[c], d.habits[p]) {
			k := slices.IndexFunc(list, func(o change) bool { return o.differs == t.differs && o.does == t.does })
			if k < 0 {
				k = len(list)
				t.at = at
				list = append(list, t)
				under = append(under, nil)
			}
			under[k] = append(under[k], p)
		}
	}
	for i := range list {
		list[i].under = d.named(under[i])
	}
	return list
}

// named lists profiles in few words.
func (d *digest) named(list []string) string {
	if len(list) == len(d.profiles)-1 {
		return "all others"
	}
	return strings.Join(list, ", ")
}

// habits are what a system does wherever it can, whatever else comes of a cell: it is
// told once, and in the tables only where the system does otherwise.
type habits struct {
	forgets  [len(forms)]bool // FIN-WAIT-2 ends in time after this call
	givesRST bool             // a connection that is given up, but for a SYN, goes with a RST
}

// forms are the calls.
var forms = [...]Call{Close, ShutdownRd, ShutdownWr, ShutdownRdWr, Exit, Kill, CloseDup}

// habitsOf finds what a profile does in most cells.
func (d *digest) habitsOf(profile string) habits {
	var forgot, resets [len(forms)]int
	for _, r := range d.at {
		if r.Cell.Profile != profile || r.Reason != "" {
			continue
		}
		m := r.gist()
		if m.states[len(m.states)-1] == fsm.FinWait2.String() {
			forgot[r.Cell.Call] += vote(m.forgets)
		}
		if m.givenUp {
			resets[0] += vote(m.givesRST)
		}
	}
	h := habits{givesRST: resets[0] > 0}
	for c, votes := range forgot {
		h.forgets[c] = votes > 0
	}
	return h
}

func vote(yes bool) int {
	if yes {
		return 1
	}
	return -1
}

// habitsTable writes the habits of all profiles.
func (d *digest) habitsTable(b *strings.Builder) {
	b.WriteString("\n| under | FIN-WAIT-2 ends in time after | a connection that is given up, and not for want of an answer to its SYN |\n| --- | --- | --- |\n")
	type row struct{ calls, goes string }
	var order []row
	under := map[row][]string{}
	for _, p := range d.profiles {
		h := d.habits[p]
		var calls []string
		for c, yes := range h.forgets {
			if yes {
				calls = append(calls, forms[c].String())
			}
		}
		r := row{"no call", "goes without a word"}
		if calls != nil {
			r.calls = values(calls, CallNames)
		}
		if h.givesRST {
			r.goes = "goes with a RST"
		}
		if under[r] == nil {
			order = append(order, r)
		}
		under[r] = append(under[r], p)
	}
	for _, r := range order {
		fmt.Fprintf(b, "| %s | %s | %s |\n", strings.Join(under[r], ", "), r.calls, r.goes)
	}
}

// differs tells what is otherwise in the second of two outcomes, but for the habits of
// its system.
func differs(a, b *Result, h habits) []change {
	switch {
	case a == nil || b == nil || a.Reason != "" && b.Reason != "":
		return nil
	case b.Reason != "":
		return []change{{differs: "cannot be: " + b.Reason, does: "cannot be: " + b.Reason}}
	}
	y := b.gist()
	does := y.text(b)
	if a.Reason != "" {
		return []change{{differs: "can be: " + b.short(), does: does}}
	}
	var added []change
	x := a.gist()
	for _, own := range []struct {
		is, usual bool
		yes, no   string
	}{
		{y.forgets, y.finWait2() && h.forgets[b.Cell.Call], "FIN-WAIT-2 → CLOSED in time", "FIN-WAIT-2 lasts"},
		{y.givesRST, y.givenUp && h.givesRST, "a RST when it gives up", "no RST when it gives up"},
	} {
		switch {
		case own.is == own.usual:
		case own.is:
			added = append(added, change{differs: own.yes, does: own.yes})
		default:
			added = append(added, change{differs: own.no, does: own.no})
		}
	}
	var parts []string
	if x.told != y.told {
		parts = append(parts, "returns "+b.told())
	}
	for _, kind := range y.sends {
		if !slices.Contains(x.sends, kind) {
			parts = append(parts, kind)
		}
	}
	for _, kind := range x.sends {
		if !slices.Contains(y.sends, kind) {
			parts = append(parts, "no "+kind)
		}
	}
	same := 0
	for same < min(len(x.states), len(y.states)) && x.states[same] == y.states[same] {
		same++
	}
	switch {
	case same < len(y.states):
		parts = append(parts, "→ "+strings.Join(y.states[same:], " → "))
	case same < len(x.states):
		parts = append(parts, "stays "+y.states[same-1])
	}
	if a.peer() != b.peer() {
		parts = append(parts, "peer "+b.peer().String())
	}
	if parts != nil {
		added = append([]change{{differs: strings.Join(parts, "; "), does: does}}, added...)
	}
	return added
}

// gist is an outcome without what habits add to it.
type gist struct {
	told                       string
	sends, states              []string
	forgets, givenUp, givesRST bool
}

func (m *gist) finWait2() bool { return m.states[len(m.states)-1] == fsm.FinWait2.String() }

func (r *Result) gist() gist {
	m := gist{told: strings.Replace(r.told(), "-1 WSA", "-1 ", 1), states: stateNames(r.Local)}
	for _, kind := range r.sends() {
		if kind == "text and FIN" { // who sends them apart, sends the same
			m.sends = with(with(m.sends, "text"), "FIN")
			continue
		}
		m.sends = with(m.sends, kind)
	}
	last := len(m.states) - 1
	if r.inTime() == "" || m.states[last] != fsm.Closed.String() {
		return m
	}
	m.givenUp = r.Local[last-1] != fsm.SynSent && slices.ContainsFunc(r.Rules[local], givesUp)
	m.states[last] += " in time"
	switch reset := r.resetsAtEnd(); {
	case reset && m.givenUp:
		m.givesRST = true
		m.sends = slices.DeleteFunc(m.sends, func(kind string) bool { return kind == "RST" })
	case !reset && r.Local[last-1] == fsm.FinWait2:
		m.forgets = true
		m.states = m.states[:last]
	}
	return m
}

// givesUp tells whether a rule gives a connection up that has no answer.
func givesUp(rule string) bool { return strings.HasSuffix(rule, "-given-up") || rule == "user-timeout" }

// text writes it.
func (m *gist) text(r *Result) string {
	parts := []string{"*" + r.told() + "*"}
	if r.Answer == "" {
		parts = nil
	}
	if m.sends != nil {
		parts = append(parts, strings.Join(m.sends, ", "))
	}
	if len(m.states) > 1 {
		parts = append(parts, "→ "+strings.Join(m.states[1:], " → "))
	} else {
		parts = append(parts, "stays")
	}
	return strings.Join(append(parts, "peer "+r.peer().String()), "; ")
}

// resetsAtEnd tells whether the local TCP sends a RST when its connection is CLOSED,
// and no call has asked for it.
func (r *Result) resetsAtEnd() bool {
	for _, b := range r.Bursts {
		for _, s := range b.Segments {
			if s.From == hostNames[local] && s.flags&fsm.RST != 0 && s.After == r.Closed && s.After > r.Blocked {
				return true
			}
		}
	}
	return false
}
