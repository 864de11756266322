package scenarios

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/sim"
)

// Each parameter of each profile is set to another value, on every host, and the
// library played again, until a script notices: a switch is turned over, an error
// becomes one that no call gives, a number is made larger. What no script notices is no
// parameter of that profile, unless nobody knows its value; a switch that is off, or
// what a profile has as RFC 9293's has it, must be noticed under some profile, as it
// may mean nothing without another.
func TestSwitchesCount(t *testing.T) {
	if testing.Short() || raced {
		t.Skip("plays the library some hundred times")
	}
	runs := map[string][]Scenario{}
	for _, s := range Library() {
		profiles, err := Runs(s.Script, Config{})
		require.NoError(t, err)
		for _, p := range profiles {
			runs[p] = append(runs[p], s)
		}
	}
	var lock sync.Mutex
	anywhere := map[string]bool{}
	t.Run("profiles", func(t *testing.T) {
		for _, profile := range sim.Profiles() {
			t.Run(profile, func(t *testing.T) {
				t.Parallel()
				s, _ := sim.Profile(profile)
				base := sim.RFC9293()
				for _, p := range sim.Parameters() {
					other, ok := p.Other(&s)
					if !ok {
						continue
					}
					by := noticed(t, runs[profile], profile, p.Name, other)
					lock.Lock()
					anywhere[p.Name] = anywhere[p.Name] || by != ""
					lock.Unlock()
					value := p.Value(&s)
					t.Logf("%-11s %-26s %-16s %s noticed by %s", profile, p.Name, value, other, by)
					own := value == "on" || value != p.Value(&base) && settled.MatchString(value)
					if own && !strings.Contains(p.Source(&s), "unverified") && unseen[p.Name] == "" {
						assert.NotEmpty(t, by, "no script of %s notices %s", profile, p.Name)
					}
				}
			})
		}
	})
	for _, p := range sim.Parameters() {
		if found, tried := anywhere[p.Name]; tried && unseen[p.Name] == "" {
			assert.True(t, found, "no script notices %s", p.Name)
		}
	}
}

// settled is a value that says something: not "none", "never" or "as another says".
var settled = regexp.MustCompile(`^([1-9][0-9]*|E[A-Z]+|WSA[A-Z]+)`)

// unseen are parameters that no script could show, and why.
var unseen = map[string]string{
	"time_wait_limit": "it takes 27,768 connections; scripts set a small one, and sim counts as far as the system does",
	"descriptors":     "scripts set a small number",
	"reopen_beyond":   "numbers count from their connection's first; sim looks at that itself",
	"r1":              "only the log is told (RFC 9293 SHLD-9)",
}

// noticed names a script that does not pass with a parameter set to another value.
func noticed(t *testing.T, list []Scenario, profile, name, value string) string {
	t.Helper()
	turned := Config{Attach: func(n *sim.Network, _ Run) error {
		for _, h := range n.Hosts() {
			if err := h.System().Sysctl("tcpsim."+name, value); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}}
	for _, s := range list {
		o := PlayUnder(s.Script, profile, turned)
		require.NotContains(t, o.Message, "unknown parameter")
		if o.Status != Pass {
			return s.Name
		}
	}
	return ""
}
