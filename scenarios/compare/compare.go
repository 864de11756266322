package compare

import (
	"fmt"
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// Comparison is what came of one story under several profiles.
type Comparison struct {
	Script      string
	Title       string
	Profiles    []string
	Story       string   // the profile whose lines of the script the story has; "" if it has no lines of its own for any
	Stopped     []string // for each profile why its run did not end, or ""
	Differences int
	Sections    []Section
	Switches    []Switch // those that made differences, in the order in which they are met
}

// Section holds the rows of one direction or host.
type Section struct {
	Kind  Kind
	Place string // "client > server", or "client"
	Conns int    // how many connections its items belong to; one need not be named
	Rows  []Row
}

// Row is one thing that happened, with a cell for each profile: nil where it did
// not happen.
type Row struct {
	Number int // of the difference, counted from 1; 0: it is the same under all
	Cells  []*item
	Causes []Cause
	More   int      // how many differences like it follow, and are not listed
	Last   fsm.Time // when the last of them came
}

// first gives the first cell that there is.
func (r *Row) first() *item {
	for _, c := range r.Cells {
		if c != nil {
			return c
		}
	}
	return nil
}

// same reports whether all cells are equal.
func (r *Row) same() bool {
	for _, c := range r.Cells {
		if c == nil || !c.same(r.Cells[0]) {
			return false
		}
	}
	return true
}

// together reports whether all cells that there are have one time.
func (r *Row) together() bool {
	for _, c := range r.Cells {
		if c != nil && c.at != r.first().at {
			return false
		}
	}
	return true
}

// Of compares the runs of a script under profiles. story names the profile whose
// lines are played; "" leaves it to the script.
func Of(s *script.Script, profiles []string, story string) (*Comparison, error) {
	own, err := scenarios.Runs(s, scenarios.Config{})
	if err != nil {
		return nil, err
	}
	if story == "" {
		story = told(own, profiles)
	}
	traces, err := playAll(s, profiles, story)
	if err != nil {
		return nil, err
	}
	title, _ := s.Description()
	c := &Comparison{Script: s.Name, Title: title, Profiles: profiles}
	if hasLinesOf(s.Items) {
		c.Story = story
	}
	for _, t := range traces {
		c.Stopped = append(c.Stopped, t.stopped)
	}
	c.join(traces)
	l := newLab(s, story, traces)
	if err := l.weigh(c.Sections); err != nil {
		return nil, err
	}
	for i := range c.Sections {
		for j := range c.Sections[i].Rows {
			row := &c.Sections[i].Rows[j]
			if row.Causes, err = l.causes(i, row); err != nil {
				return nil, err
			}
		}
	}
	c.number()
	return c, nil
}

// number counts the differences, and leaves out sections in which nothing
// happened.
func (c *Comparison) number() {
	c.Sections = slices.DeleteFunc(c.Sections, func(s Section) bool { return len(s.Rows) == 0 })
	for i := range c.Sections {
		c.Sections[i].Rows = fold(c.Sections[i].Rows)
		for j := range c.Sections[i].Rows {
			row := &c.Sections[i].Rows[j]
			if row.same() {
				continue
			}
			c.Differences++
			row.Number = c.Differences
			c.count(row)
		}
	}
}

// told chooses whose lines are played: those of the first profile of the
// comparison that the script names, or else of the first that it names.
func told(own, profiles []string) string {
	for _, p := range profiles {
		if slices.Contains(own, p) {
			return p
		}
	}
	return own[0]
}

// hasLinesOf reports whether a script has lines that are only played under some
// profiles.
func hasLinesOf(items []script.Item) bool {
	for _, it := range items {
		switch it := it.(type) {
		case *script.Conditional:
			return true
		case *script.Event:
			if it.Profiles != nil {
				return true
			}
		}
	}
	return false
}

// Profiles gives the profiles under which a script is compared if nobody names
// any: those of the script that there are, or else all.
func Profiles(s *script.Script) ([]string, error) {
	own, err := scenarios.Runs(s, scenarios.Config{})
	if err != nil {
		return nil, err
	}
	var list []string
	for _, p := range own {
		if _, ok := sim.Profile(p); ok {
			list = append(list, p)
		}
	}
	if len(list) < 2 {
		list = sim.Profiles()
	}
	return list, nil
}

// playAll plays a story under each profile, all to the same end.
func playAll(s *script.Script, profiles []string, story string) ([]*trace, error) {
	var end fsm.Time
	for _, p := range profiles {
		t, err := play(s, p, scenarios.Config{Telling: story}, nil)
		if err != nil {
			return nil, err
		}
		if t.stopped == "" {
			end = max(end, t.end)
		}
	}
	var traces []*trace
	for _, p := range profiles {
		t, err := play(s, p, scenarios.Config{Telling: story, Until: end}, nil)
		if err != nil {
			return nil, err
		}
		t.end = end
		traces = append(traces, t)
	}
	return traces, nil
}

// join makes the sections of traces: their lanes, aligned.
func (c *Comparison) join(traces []*trace) {
	for i := range traces[0].lanes {
		first := &traces[0].lanes[i]
		sec := Section{Kind: first.kind, Place: first.place}
		for k, t := range traces {
			l := &t.lanes[i]
			sec.Conns = max(sec.Conns, l.conns)
			if k == 0 {
				for j := range l.items {
					sec.Rows = append(sec.Rows, Row{Cells: []*item{&l.items[j]}})
				}
			} else {
				sec.Rows = merge(sec.Kind, sec.Rows, k, l.items)
			}
		}
		c.Sections = append(c.Sections, sec)
	}
}

// count enters the parameters that made a difference in the list of all.
func (c *Comparison) count(row *Row) {
	for _, cause := range row.Causes {
		for _, name := range cause.Switches {
			k := slices.IndexFunc(c.Switches, func(s Switch) bool { return s.Name == name })
			if k < 0 {
				k = len(c.Switches)
				c.Switches = append(c.Switches, c.switchOf(name))
			}
			if sw := &c.Switches[k]; !slices.Contains(sw.Made, row.Number) {
				sw.Made = append(sw.Made, row.Number)
			}
		}
	}
}

// Switch is a parameter that made differences.
type Switch struct {
	Name    string
	Values  []string // under each profile
	Sources []string // where each of them is from; "" where that is not recorded
	Made    []int    // the numbers of the differences
}

func (c *Comparison) switchOf(name string) Switch {
	sw := Switch{Name: name}
	for _, p := range c.Profiles {
		sys, _ := sim.Profile(p)
		value, source := shown(name, &sys)
		sw.Values, sw.Sources = append(sw.Values, value), append(sw.Sources, source)
	}
	return sw
}

// String tells how many differences there are.
func (c *Comparison) String() string {
	names := list(c.Profiles, "and")
	switch c.Differences {
	case 0:
		return fmt.Sprintf("%s: nothing differs between %s", c.Script, names)
	case 1:
		return fmt.Sprintf("%s: 1 difference between %s", c.Script, names)
	}
	return fmt.Sprintf("%s: %d differences between %s", c.Script, c.Differences, names)
}
