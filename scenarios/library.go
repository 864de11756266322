package scenarios

import (
	"bytes"
	"embed"
	"path"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

//go:embed library
var library embed.FS

// Scenario is a script of the library.
type Scenario struct {
	Name   string // "four-packet-close"
	Family string // "graceful-close", the folder
	Title  string
	Lesson string
	Script *script.Script
	Text   []byte
}

// families are the folders of the library, in the order in which a reader meets
// them.
var families = []string{
	"open", "graceful-close", "half-close", "simultaneous-close", "linger", "abort", "attack", "time-wait",
	"close-wait", "reuse", "loss",
}

// Library lists the scenarios by family, and by name within each.
func Library() []Scenario {
	var list []Scenario
	for _, family := range families {
		files, err := library.ReadDir("library/" + family)
		if err != nil {
			continue
		}
		for _, f := range files {
			if name, ok := strings.CutSuffix(f.Name(), ".pkt"); ok {
				list = append(list, load(family, name))
			}
		}
	}
	return list
}

func load(family, name string) Scenario {
	text, err := library.ReadFile(path.Join("library", family, name+".pkt"))
	if err != nil {
		panic("scenarios: " + err.Error())
	}
	s, err := script.Parse(name, text)
	if err != nil {
		panic("scenarios: the library does not parse: " + err.Error())
	}
	sc := Scenario{Name: name, Family: family, Script: s, Text: text}
	sc.Title, sc.Lesson = s.Description()
	return sc
}

// Find gives the scenario of that name; the family may stand in front of it.
func Find(name string) (Scenario, bool) {
	family, base := path.Split(name)
	for _, f := range families {
		if family != "" && family != f+"/" {
			continue
		}
		if _, err := library.ReadFile(path.Join("library", f, base+".pkt")); err == nil {
			return load(f, base), true
		}
	}
	return Scenario{}, false
}

// Names lists the names of the library.
func Names() []string {
	var names []string
	for _, s := range Library() {
		names = append(names, s.Name)
	}
	return names
}

// Coverage tells which scenarios of the library fire each rule, in the library's
// order.
func Coverage() map[fsm.RuleID][]string {
	fired := map[fsm.RuleID][]string{}
	for _, s := range Library() {
		for _, id := range RulesOf(s.Script) {
			fired[id] = append(fired[id], s.Name)
		}
	}
	return fired
}

// RulesOf lists the rules that a script fires, under all its profiles.
func RulesOf(s *script.Script) []fsm.RuleID {
	seen := map[fsm.RuleID]bool{}
	Play(s, Config{Attach: func(n *sim.Network, _ Run) error {
		n.Listen(func(r *sim.Record) {
			if r.Kind == sim.Fired {
				seen[r.Rule] = true
			}
		})
		return nil
	}})
	var ids []fsm.RuleID
	for id := range seen {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// OnlyIPv4 reports whether the scenario is about something that IPv6 has not: it says
// so with --ip_version.
func (s *Scenario) OnlyIPv4() bool {
	return bytes.Contains(s.Text, []byte("\n--ip_version=ipv4\n"))
}
