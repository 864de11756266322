package scenarios

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

var update = flag.Bool("update", false, "write the ladders of the library anew")

// Every scenario holds under all its profiles, over IPv4 and over IPv6, and
// draws the ladder that lies beside it.
func TestLibrary(t *testing.T) {
	for _, s := range Library() {
		t.Run(s.Name, func(t *testing.T) {
			require.NotEmpty(t, s.Title, "a script opens with its title")
			require.NotEmpty(t, s.Lesson, "a script opens with its lesson")
			require.Equal(t, s.Script.String(), string(s.Text), "tcpsim fmt -w writes it so")
			profiles, err := Runs(s.Script, Config{})
			require.NoError(t, err)
			for _, p := range profiles {
				ladder, o := draw(s.Script, p)
				require.Equal(t, Pass, o.Status, "%v", &o)
				golden(t, s, p, len(profiles) > 1, ladder)
				if s.OnlyIPv4() {
					continue
				}
				six := PlayUnder(s.Script, p, Config{IPv6: true})
				require.Equal(t, Pass, six.Status, "over IPv6: %v", &six)
			}
		})
	}
}

func draw(s *script.Script, profile string) (string, Outcome) {
	var l *sim.Ladder
	o := PlayUnder(s, profile, Config{Attach: func(n *sim.Network, _ Run) error {
		l = sim.NewLadder(n)
		return nil
	}})
	return l.String(), o
}

// golden holds a ladder against the file beside the script.
func golden(t *testing.T, s Scenario, profile string, several bool, ladder string) {
	t.Helper()
	name := s.Name
	if several {
		name += "@" + profile
	}
	path := filepath.Join("library", s.Family, name+".ladder")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(ladder), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./scenarios -run TestLibrary -update writes it")
	require.Equal(t, string(want), ladder)
}

// No ladder lies about that no script draws.
func TestLibraryLadders(t *testing.T) {
	drawn := map[string]bool{}
	for _, s := range Library() {
		profiles, _ := Runs(s.Script, Config{})
		for _, p := range profiles {
			drawn[filepath.Join("library", s.Family, s.Name+"@"+p+".ladder")] = len(profiles) > 1
			drawn[filepath.Join("library", s.Family, s.Name+".ladder")] = len(profiles) == 1
		}
	}
	files, err := filepath.Glob("library/*/*.ladder")
	require.NoError(t, err)
	for _, f := range files {
		require.True(t, drawn[f], "%s: no script draws it", f)
	}
}

// Names of scenarios are unique, whatever their family.
func TestLibraryNames(t *testing.T) {
	seen := map[string]string{}
	for _, s := range Library() {
		require.Empty(t, seen[s.Name], "%s/%s", s.Family, s.Name)
		seen[s.Name] = s.Family
	}
	require.GreaterOrEqual(t, len(seen), 75)
}

// Every rule of the machine is fired by a scenario.
func TestLibraryCoversRules(t *testing.T) {
	fired := Coverage()
	var missing []string
	for i, r := range fsm.Rules() {
		if len(fired[fsm.RuleID(i+1)]) == 0 {
			missing = append(missing, r.Name)
		}
	}
	t.Logf("%d of %d rules are fired by the library", len(fired), len(fsm.Rules()))
	require.Empty(t, missing, "rules that no scenario fires")
}

// Every scenario can fail: without one of its segments, or with a flag of it
// changed, it does not pass.
func TestLibraryCanFail(t *testing.T) {
	mutants := 0
	for _, s := range Library() {
		lines := strings.Split(string(s.Text), "\n")
		// In a script of one host, as packetdrill has it, nobody looks for more when the last
		// segment that is expected has come.
		strict := strings.Contains(string(s.Text), "--hosts=") && !strings.Contains(string(s.Text), "--packets=")
		for i, line := range lines {
			if !strings.Contains(line, " > ") || strings.HasPrefix(line, "//") || strings.HasPrefix(line, "link ") {
				continue
			}
			if strings.Contains(line, "link ") {
				continue
			}
			if strict {
				requireFails(t, s, lines, i, "")
				mutants++
			}
			if changed, ok := otherFlag(line); ok {
				requireFails(t, s, lines, i, changed)
				mutants++
			}
		}
	}
	t.Logf("%d mutants, none passes", mutants)
}

// requireFails plays a script with one line replaced: some profile must notice.
func requireFails(t *testing.T, s Scenario, lines []string, i int, by string) {
	t.Helper()
	text := strings.Join(append(append(append([]string(nil), lines[:i]...), by), lines[i+1:]...), "\n")
	mutant, err := script.Parse(s.Name, []byte(text))
	require.NoError(t, err)
	for _, o := range Play(mutant, Config{}) {
		if o.Status != Pass {
			return
		}
	}
	require.Fail(t, "a script that cannot fail", "%s:%d: passes with %q in place of %q", s.Name, i+1, by, lines[i])
}

// otherFlag changes the flags of an expected segment.
func otherFlag(line string) (string, bool) {
	for _, c := range [][2]string{
		{" > F. ", " > . "}, {" > S. ", " > S "}, {" > S ", " > F "}, {" > P. ", " > F. "}, {" > R. ", " > . "},
		{" > R ", " > F "}, {" > FP. ", " > P. "}, {" > . ", " > F. "}, {" S. ", " S "}, {" F. ", " . "}, {" P. ", " . "},
		{" R. ", " . "}, {" S ", " F "}, {" R ", " F "}, {" . ", " F. "},
	} {
		if strings.Contains(line, c[0]) {
			return strings.Replace(line, c[0], c[1], 1), true
		}
	}
	return "", false
}

// A scenario that is played twice gives the same log.
func TestLibraryRepeats(t *testing.T) {
	for _, s := range Library() {
		profiles, _ := Runs(s.Script, Config{})
		for _, p := range profiles {
			first, _ := draw(s.Script, p)
			second, _ := draw(s.Script, p)
			require.Equal(t, first, second, s.Name)
		}
	}
}
