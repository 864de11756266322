package compare

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// parameter is a switch or a number of a system.
type parameter struct {
	name   string // under which sim.Parameters has it
	value  reflect.Value
	copyTo func(dst *sim.System)
}

// parameters lists all switches and numbers of a system, in the order in which
// they are declared: fields that are added to it are found here by themselves.
func parameters(s *sim.System) []parameter {
	var list []parameter
	for _, name := range fsm.AllFeatures.Names() {
		f, _ := fsm.ParseFeature(name)
		on := s.TCP.Features & f
		list = append(list, parameter{name: name, value: reflect.ValueOf(on != 0), copyTo: func(dst *sim.System) {
			dst.TCP.Features = dst.TCP.Features&^f | on
		}})
	}
	tcp := func(d *sim.System) reflect.Value { return reflect.ValueOf(&d.TCP).Elem() }
	all := func(d *sim.System) reflect.Value { return reflect.ValueOf(d).Elem() }
	list = append(list, fields(s, tcp, "Name", "Features")...)
	list = append(list, fields(s, all, "TCP", "PortLo", "PortHi")...)
	lo, hi := s.PortLo, s.PortHi // one is nothing without the other
	return append(list, parameter{name: "ports", value: reflect.ValueOf([2]uint16{lo, hi}), copyTo: func(dst *sim.System) {
		dst.PortLo, dst.PortHi = lo, hi
	}})
}

// fields lists the exported fields of a struct of a system, but for some.
func fields(s *sim.System, of func(*sim.System) reflect.Value, but ...string) []parameter {
	var list []parameter
	v := of(s)
	for i := range v.NumField() {
		field := v.Type().Field(i)
		skip := !field.IsExported()
		for _, b := range but {
			skip = skip || field.Name == b
		}
		if skip {
			continue
		}
		value := v.Field(i)
		if lacks, ok := value.Interface().(sim.OptionSet); ok {
			list = append(list, socketOptions(lacks, func(d *sim.System) *sim.OptionSet { return of(d).Field(i).Addr().Interface().(*sim.OptionSet) })...)
			continue
		}
		if value.Kind() == reflect.Array { // one for each kind
			for k := range value.Len() {
				list = append(list, parameter{name: fmt.Sprintf("%s.%d", snake(field.Name), k), value: value.Index(k), copyTo: func(dst *sim.System) {
					of(dst).Field(i).Index(k).Set(value.Index(k))
				}})
			}
			continue
		}
		if value.Kind() == reflect.Struct { // a group of parameters
			inner := func(d *sim.System) reflect.Value { return of(d).Field(i) }
			for _, p := range fields(s, inner) {
				p.name = snake(field.Name) + "." + p.name
				list = append(list, p)
			}
			continue
		}
		list = append(list, parameter{name: snake(field.Name), value: value, copyTo: func(dst *sim.System) {
			of(dst).Field(i).Set(value)
		}})
	}
	return list
}

// socketOptions lists the socket options that a system may lack.
func socketOptions(lacks sim.OptionSet, of func(*sim.System) *sim.OptionSet) []parameter {
	var list []parameter
	for _, o := range sim.Options() {
		bit := lacks & (1 << o)
		list = append(list, parameter{name: strings.ToLower(o.String()), value: reflect.ValueOf(bit != 0), copyTo: func(dst *sim.System) {
			*of(dst) = *of(dst)&^(1<<o) | bit
		}})
	}
	return list
}

// snake writes the name of a field as a parameter's: FinWait2 is fin_wait2,
// RTOMin rto_min.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, ch := range runes {
		word := i > 0 && unicode.IsUpper(ch) &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if word {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(ch))
	}
	return b.String()
}

// changes lists the parameters in which b differs from a, with b's values. It
// names them as sim.Parameters does: by what setting one of them changes there.
func changes(a, b *sim.System) []parameter {
	var list []parameter
	of := parameters(a)
	for i, p := range parameters(b) {
		if reflect.DeepEqual(p.value.Interface(), of[i].value.Interface()) {
			continue
		}
		changed := *a
		p.copyTo(&changed)
		for _, known := range sim.Parameters() {
			if known.Value(&changed) != known.Value(a) {
				p.name = known.Name
			}
		}
		list = append(list, p)
	}
	return list
}

// shown gives the value of a parameter under a system, and where that is from.
func shown(name string, s *sim.System) (value, source string) {
	for _, p := range sim.Parameters() {
		if p.Name == name {
			return p.Value(s), p.Source(s)
		}
	}
	for _, p := range parameters(s) { // nobody has described it yet
		if p.name == name {
			return fmt.Sprint(p.value.Interface()), ""
		}
	}
	return "", ""
}

// list joins words: "a, b and c".
func list(words []string, last string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
	}
}
