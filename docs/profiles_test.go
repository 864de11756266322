package docs

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/sim"
)

const profilesHead = `# The profiles

%s` + `A profile is data: the numbers, errors and switches below, and no rule asks which system it runs under. The
first table gives the value of each parameter under each profile, in bold where it is not RFC 9293's. A script sets one by
its kernel's name in a "sysctl" line, or as ` + "`tcpsim.NAME`" + ` (times in milliseconds; a switch is 0 or 1); but for the range of
ports, the order of options, the options that a system lacks and the ICMP messages, which come with the profile.
The tables after it give the source of each value that is not RFC 9293's. What begins with *unverified* nobody
here has seen the system do, and no test claims that it does; [how far to trust the rest](systems.md).

`

// profilesDoc is every parameter of every profile, with its source.
func profilesDoc() string {
	var b strings.Builder
	fmt.Fprintf(&b, profilesHead, generated)
	var systems []sim.System
	for _, name := range sim.Profiles() {
		s, _ := sim.Profile(name)
		systems = append(systems, s)
	}
	head, rule := "| parameter |", "|---|"
	for i := range systems {
		head += " " + systems[i].Name() + " |"
		rule += "---|"
	}
	fmt.Fprintf(&b, "%s what it is |\n%s---|\n", head, rule)
	base := &systems[0]
	for _, p := range sim.Parameters() {
		fmt.Fprintf(&b, "| `%s` |", p.Name)
		for i := range systems {
			value := p.Value(&systems[i])
			if value != p.Value(base) {
				value = "**" + value + "**"
			}
			fmt.Fprintf(&b, " %s |", value)
		}
		fmt.Fprintf(&b, " %s |\n", p.Says)
	}
	for i := range systems {
		s := &systems[i]
		fmt.Fprintf(&b, "\n## %s\n\n| parameter | value | source |\n|---|---|---|\n", s.Name())
		for _, p := range sim.Parameters() {
			if i > 0 && p.Value(s) == p.Value(base) {
				continue
			}
			source := p.Source(s)
			if rest, ok := strings.CutPrefix(source, "unverified"); ok {
				source = "*unverified*" + rest
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p.Name, p.Value(s), source)
		}
	}
	return b.String()
}
