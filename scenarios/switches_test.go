package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/sim"
)

// Each parameter of each profile is set to another value, on every host, and the
// library played again: a switch is turned over, an error becomes one that no call
// gives, a number is made larger. What no script notices is no parameter of that
// profile; a switch that is off, or what a profile has as RFC 9293's has it, must be
// noticed under some profile, as it may mean nothing without another.
func TestSwitchesCount(t *testing.T) {
	if testing.Short() || raced {
		t.Skip("plays the library some hundred times, one run after the other")
	}
	anywhere := map[string]int{}
	base := sim.RFC9293()
	for _, profile := range sim.Profiles() {
		s, _ := sim.Profile(profile)
		for _, p := range sim.Parameters() {
			other, ok := p.Other(&s)
			if !ok {
				continue
			}
			n := noticed(t, profile, p.Name, other)
			anywhere[p.Name] += n
			value := p.Value(&s)
			t.Logf("%-11s %-26s %-16s %3d scripts notice %s", profile, p.Name, value, n, other)
			if value == "on" || value != "off" && value != p.Value(&base) {
				require.NotZero(t, n, "no script of %s notices %s", profile, p.Name)
			}
		}
	}
	for _, p := range sim.Parameters() {
		if n, ok := anywhere[p.Name]; ok {
			require.NotZero(t, n, "no script notices %s", p.Name)
		}
	}
}

// noticed counts the scripts that do not pass with a parameter set to another value.
func noticed(t *testing.T, profile, name, value string) int {
	t.Helper()
	turned := Config{Attach: func(n *sim.Network, _ Run) error {
		for _, h := range n.Hosts() {
			if err := h.System().Sysctl("tcpsim."+name, value); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}}
	count := 0
	for _, s := range Library() {
		profiles, err := Runs(s.Script, Config{})
		require.NoError(t, err)
		for _, p := range profiles {
			if p != profile {
				continue
			}
			turned.Profile = p
			for _, o := range Play(s.Script, turned) {
				if strings.Contains(o.Message, "unknown parameter") {
					t.Fatal(o.Message)
				}
				if o.Status != Pass {
					count++
				}
			}
		}
	}
	return count
}
