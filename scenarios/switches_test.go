package scenarios

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/sim"
)

// Each switch of each profile is turned over, on every host, and the library played
// again. One that is on and that no script notices is no switch; one that is off must
// be noticed under some profile, as it may mean nothing without another.
func TestSwitchesCount(t *testing.T) {
	if testing.Short() || raced {
		t.Skip("plays the library a hundred times, one run after the other")
	}
	anywhere := map[string]int{}
	for _, profile := range sim.Profiles() {
		s, _ := sim.Profile(profile)
		for _, p := range sim.Parameters() {
			value := p.Value(&s)
			if value != "on" && value != "off" {
				continue
			}
			n := noticed(t, profile, p.Name, value == "off")
			anywhere[p.Name] += n
			t.Logf("%-8s %-26s %-3s %d scripts notice", profile, p.Name, value, n)
			if value == "on" {
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

// noticed counts the scripts that do not pass with a switch turned over.
func noticed(t *testing.T, profile, name string, on bool) int {
	t.Helper()
	value := "0"
	if on {
		value = "1"
	}
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
				if o.Status != Pass {
					count++
				}
			}
		}
	}
	return count
}
