package compare

import (
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// Cause tells what made a difference between the first profile and others.
type Cause struct {
	Profiles []string // that differ from the first in this way
	Switches []string // the parameters that made it
	All      bool     // it takes all of them; else each of them alone would do
	Parting  []Firing // without a switch: the rules that fired where the runs first part
}

// Firing is a rule that fired, or none if a run had come to its end.
type Firing struct {
	Profile string
	Host    string
	At      fsm.Time
	Rule    fsm.RuleID
}

// maxRuns bounds how often a story is played to hold the first profile against
// another.
const maxRuns = 1000

// lab makes experiments: it plays a story under the first profile with some
// parameters set as another profile has them.
type lab struct {
	script *script.Script
	story  string
	traces []*trace
	trials []*trials        // against each profile; nil for the first
	alike  []map[*item]bool // against each profile: what of the first it does just so
}

// trials are the experiments that hold the first profile against another.
type trials struct {
	changes []parameter
	runs    map[string]*trial // by the parameters that were set
	sets    [][]int           // smallest sets that were found
	made    []int             // how many differences each of the changes makes vanish
}

// trial is one experiment.
type trial struct {
	left []map[*item]bool // of each lane: what the first profile does and the trial does too, or its rule in other words
	like []map[*item]bool // of each lane: what the other profile does and the trial does just so
	// damage counts what the two profiles do alike and the trial does not. A
	// difference also vanishes with what leads to it, where a parameter spoils the
	// story: without a congestion window no text arrives that could be unread.
	damage int
	void   bool
}

func newLab(s *script.Script, story string, traces []*trace) *lab {
	l := &lab{script: s, story: story, traces: traces}
	base, _ := sim.Profile(traces[0].profile)
	for k, t := range traces {
		if k == 0 {
			l.trials, l.alike = append(l.trials, nil), append(l.alike, nil)
			continue
		}
		other, _ := sim.Profile(t.profile)
		alike := map[*item]bool{}
		for i := range t.lanes {
			a, b := traces[0].lanes[i].items, t.lanes[i].items
			for _, p := range alignItems(t.lanes[i].kind, a, b) {
				if p.a >= 0 && p.b >= 0 {
					alike[&a[p.a]] = a[p.a].same(&b[p.b])
				}
			}
		}
		l.alike = append(l.alike, alike)
		list := changes(&base, &other)
		l.trials = append(l.trials, &trials{changes: list, runs: map[string]*trial{}, made: make([]int, len(list))})
	}
	return l
}

// causes tells what made the differences of a row of a lane. Profiles that differ
// from the first for the same reason share a cause.
func (l *lab) causes(lane int, row *Row) ([]Cause, error) {
	var causes []Cause
	for k := 1; k < len(l.traces); k++ {
		a, b := row.Cells[0], row.Cells[k]
		if !differ(a, b) {
			continue
		}
		c, err := l.cause(lane, a, b, k)
		if err != nil {
			return nil, err
		}
		same := func(o Cause) bool {
			return len(c.Switches) > 0 && o.All == c.All && slices.Equal(o.Switches, c.Switches)
		}
		if i := slices.IndexFunc(causes, same); i >= 0 {
			causes[i].Profiles = append(causes[i].Profiles, c.Profiles...)
		} else {
			causes = append(causes, c)
		}
	}
	return causes, nil
}

// differ reports whether what two profiles do is a difference.
func differ(a, b *item) bool { return (a == nil) != (b == nil) || a != nil && !a.same(b) }

// weigh counts how many differences each single parameter makes vanish: of several
// that would do for one, that which makes the most is named.
func (l *lab) weigh(sections []Section) error {
	for lane := range sections {
		for j := range sections[lane].Rows {
			cells := sections[lane].Rows[j].Cells
			for k := 1; k < len(cells); k++ {
				if !differ(cells[0], cells[k]) {
					continue
				}
				singles, err := l.singles(lane, cells[0], cells[k], k)
				if err != nil {
					return err
				}
				for _, i := range singles {
					l.trials[k].made[i]++
				}
			}
		}
	}
	return nil
}

// singles lists the parameters each of which makes a difference vanish by itself:
// those that spoil the least.
func (l *lab) singles(lane int, a, b *item, k int) ([]int, error) {
	var list []int
	least := 0
	for i := range l.trials[k].changes {
		t, err := l.run(k, []int{i})
		switch {
		case err != nil:
			return nil, err
		case !t.gone(lane, a, b):
		case len(list) == 0 || t.damage < least:
			least, list = t.damage, []int{i}
		case t.damage == least:
			list = append(list, i)
		}
	}
	return list, nil
}

// cause finds what made one difference: single parameters first, then the
// smallest set, and if there is none, where the runs part.
func (l *lab) cause(lane int, a, b *item, k int) (Cause, error) {
	t := l.trials[k]
	c := Cause{Profiles: []string{l.traces[k].profile}}
	vanishes := func(set []int) (bool, error) {
		t, err := l.run(k, set)
		return t.gone(lane, a, b), err
	}
	singles, err := l.singles(lane, a, b, k)
	if err != nil {
		return c, err
	}
	for _, i := range singles {
		if t.made[i] == t.made[slices.MaxFunc(singles, func(x, y int) int { return t.made[x] - t.made[y] })] {
			c.Switches = append(c.Switches, t.changes[i].name)
		}
	}
	if len(c.Switches) > 0 {
		return c, nil
	}
	set, err := l.smallest(t, vanishes)
	if err != nil {
		return c, err
	}
	for _, i := range set {
		c.Switches = append(c.Switches, t.changes[i].name)
	}
	if c.All = len(set) > 0; !c.All {
		c.Parting = l.parting(k)
	}
	return c, nil
}

// smallest finds a set of parameters that makes a difference vanish and of which
// none can be left out; nil if not even all of them do.
func (l *lab) smallest(t *trials, vanishes func([]int) (bool, error)) ([]int, error) {
	all := make([]int, len(t.changes))
	for i := range all {
		all[i] = i
	}
	for _, from := range append(slices.Clone(t.sets), all) { // most differences of a story have few causes
		ok, err := vanishes(from)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		set := from
		for _, i := range from {
			without := slices.DeleteFunc(slices.Clone(set), func(o int) bool { return o == i })
			if ok, err = vanishes(without); err != nil {
				return nil, err
			}
			if ok {
				set = without
			}
		}
		if len(set) < len(from) || len(from) == len(all) {
			t.sets = append(t.sets, set)
		}
		return set, nil
	}
	return nil, nil
}

// run plays the story with parameters of the first profile set as profile k has
// them. It gives nil when the story has been played often enough.
func (l *lab) run(k int, set []int) (*trial, error) {
	t := l.trials[k]
	key := make([]byte, 0, len(set))
	for _, i := range set {
		key = append(key, byte(i))
	}
	if run, ok := t.runs[string(key)]; ok {
		return run, nil
	}
	if len(t.runs) >= maxRuns {
		return nil, nil
	}
	cfg := scenarios.Config{Telling: l.story, Until: l.traces[0].end}
	run, err := play(l.script, l.traces[0].profile, cfg, func(s *sim.System) {
		for _, i := range set {
			t.changes[i].copyTo(s)
		}
	})
	if err != nil {
		return nil, err
	}
	t.runs[string(key)] = l.holds(run, k)
	return t.runs[string(key)], nil
}

// holds holds a trial's run against the two that it stands between, lane by lane,
// and notes what it takes to judge any difference.
func (l *lab) holds(run *trace, k int) *trial {
	t := &trial{}
	for i := range run.lanes {
		kind, a, b, got := run.lanes[i].kind, l.traces[0].lanes[i].items, l.traces[k].lanes[i].items, run.lanes[i].items
		left, like := map[*item]bool{}, map[*item]bool{}
		for _, p := range alignItems(kind, a, got) {
			if p.a < 0 {
				continue
			}
			there := p.b >= 0
			left[&a[p.a]] = there && (a[p.a].text == got[p.b].text || a[p.a].rule == got[p.b].rule)
			if l.alike[k][&a[p.a]] && !(there && a[p.a].same(&got[p.b])) {
				t.damage++
			}
		}
		for _, p := range alignItems(kind, b, got) {
			if p.a >= 0 && p.b >= 0 {
				like[&b[p.a]] = b[p.a].same(&got[p.b])
			}
		}
		t.left, t.like = append(t.left, left), append(t.like, like)
	}
	// A run that does not end where the two others do tells nothing.
	t.void = run.stopped != "" && l.traces[0].stopped == "" && l.traces[k].stopped == ""
	return t
}

// gone reports whether a trial no longer has the difference between a, of the
// first profile, and b: it does what b did, or leaves out what only a did.
func (t *trial) gone(lane int, a, b *item) bool {
	switch {
	case t == nil || t.void:
		return false
	case b == nil:
		return !t.left[lane][a]
	}
	return t.like[lane][b]
}

// parting gives the first rules in which the runs of the first profile and of
// profile k differ.
func (l *lab) parting(k int) []Firing {
	a, b := l.traces[0], l.traces[k]
	i := 0
	for i < min(len(a.fired), len(b.fired)) && a.fired[i] == b.fired[i] {
		i++
	}
	var list []Firing
	for _, t := range []*trace{a, b} {
		f := Firing{Profile: t.profile}
		if i < len(t.fired) {
			f.Host, f.At, f.Rule = t.hosts[t.fired[i].host], t.fired[i].at, t.fired[i].rule
		}
		list = append(list, f)
	}
	return list
}
