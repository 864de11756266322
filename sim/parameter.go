package sim

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
)

// Parameter is a switch or a number of a system, as users are shown it.
type Parameter struct {
	Name string // "time_wait"
	Says string // what it is, in one line
	get  func(*System) string
	turn func(*System) string // gives another value, as Sysctl takes it; nil: there is none
}

// Value writes the parameter's value under a system, with its unit.
func (p *Parameter) Value(s *System) string { return p.get(s) }

// Other gives another value than the system has, as Sysctl takes it for
// "tcpsim.NAME": of a switch its other position. The result is false if there is none.
func (p *Parameter) Other(s *System) (string, bool) {
	if p.turn == nil {
		return "", false
	}
	return p.turn(s), true
}

// Source tells where a system's value comes from: a clause, a name in a kernel's
// source, or how it was measured.
func (p *Parameter) Source(s *System) string {
	name := p.Name
	if strings.HasPrefix(name, "so_") || strings.HasPrefix(name, "tcp_") { // they have one source
		name = "options_lacking"
	}
	if src, ok := systemSources[s.Name()][name]; ok {
		return src
	}
	if base, ok := madeFrom[s.Name()]; ok {
		if src, ok := systemSources[base][name]; ok {
			return "as " + base + ": " + src
		}
	}
	if src, ok := rfc9293Sources[name]; ok {
		return src
	}
	return "off: as RFC 9293 has it"
}

// sources gives the source of each parameter that a profile sets, by name.
type sources map[string]string

// Parameters lists what a profile is made of: numbers first, then switches.
func Parameters() []Parameter {
	var list []Parameter
	for _, n := range quantities {
		list = append(list, Parameter{n.name, n.says, n.value, n.other})
	}
	list = append(list, others...)
	list = append(list, optionParameters()...)
	for i, k := range icmpKinds {
		list = append(list, Parameter{k.name, k.says, func(s *System) string { return s.ICMP[i].text(s) }, nil})
	}
	for _, e := range errnos {
		list = append(list, Parameter{e.name, e.says, func(s *System) string {
			if *e.at(s) == OK {
				return "0"
			}
			return s.ErrnoName(*e.at(s))
		}, func(*System) string { return EMSGSIZE.String() }})
	}
	for _, name := range fsm.AllFeatures.Names() {
		f, _ := fsm.ParseFeature(name)
		list = append(list, Parameter{name, featureSays[name], func(s *System) string { return onOff(s.TCP.Features&f != 0) }, func(s *System) string { return turned(s.TCP.Features&f != 0) }})
	}
	for _, w := range socketSwitches {
		list = append(list, Parameter{w.name, w.says, func(s *System) string { return onOff(*w.at(s)) }, func(s *System) string { return turned(*w.at(s)) }})
	}
	return list
}

// turned is the other position of a switch.
func turned(on bool) string {
	if on {
		return "0"
	}
	return "1"
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// optionParameters tell of each socket option that some system lacks whether a system
// has it.
func optionParameters() []Parameter {
	var some OptionSet
	for _, made := range systems {
		s := made.make()
		some |= s.Lacks
	}
	var list []Parameter
	for _, o := range Options() {
		if some.Has(o) {
			list = append(list, Parameter{strings.ToLower(o.String()), "the socket option " + o.String(), func(s *System) string {
				if s.Lacks.Has(o) {
					return "no"
				}
				return "yes"
			}, nil})
		}
	}
	return list
}

// others are the parameters that are neither number, error nor switch.
var others = []Parameter{
	{"option_order", "order of the options of a SYN", func(s *System) string { return s.TCP.Layout.String() }, nil},
	{"ports", "ephemeral ports", func(s *System) string { return fmt.Sprintf("%d to %d", s.PortLo, s.PortHi) }, nil},
}
