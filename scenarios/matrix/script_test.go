package matrix

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// A cell is carried out twice: on the simulator, and as a script by the runner.
// What the first saw, the second must find.
func TestScripts(t *testing.T) {
	const seed = 9293
	random := rand.New(rand.NewPCG(seed, 1))
	cells := Cells(sim.Profiles(), Filter{})
	for left := 300; left > 0; {
		c := cells[random.IntN(len(cells))]
		text, reason, err := Script(c)
		require.NoError(t, err)
		if reason != "" {
			require.Nil(t, text)
			continue
		}
		left--
		s, err := script.Parse(c.Name(), text)
		require.NoError(t, err)
		require.Equal(t, s.String(), string(text), "in canonical form")
		for _, o := range scenarios.Play(s, scenarios.Config{}) {
			require.Equal(t, scenarios.Pass, o.Status, "%v\n%s", &o, text)
		}
	}
}

// A script of a cell can fail: without one of its segments, or with another end,
// it does not pass.
func TestScriptsCanFail(t *testing.T) {
	const seed = 793
	random := rand.New(rand.NewPCG(seed, 2))
	cells := Cells(sim.Profiles(), Filter{})
	for mutants := 0; mutants < 100; {
		c := cells[random.IntN(len(cells))]
		text, _, err := Script(c)
		require.NoError(t, err)
		before, after, _ := strings.Cut(string(text), "// The call.\n")
		lines := strings.Split(after, "\n")
		for k, l := range lines {
			mutant := slices.Clone(lines)
			switch {
			case k > 8 && k < len(lines)-3: // long rows of repeats are one like the other
				continue
			case strings.Contains(l, " > "):
				mutant = slices.Delete(mutant, k, k+1)
			case strings.HasSuffix(l, "tcp_states() = {}"):
				mutant[k] = strings.Replace(l, "{}", "{TIME_WAIT 1}", 1)
			case strings.HasSuffix(l, " 1}"):
				mutant[k] = l[:strings.LastIndex(l, "{")] + "{}"
			default:
				continue
			}
			s, err := script.Parse(c.Name(), []byte(before+strings.Join(mutant, "\n")))
			require.NoError(t, err)
			o := scenarios.PlayUnder(s, c.Profile, scenarios.Config{})
			require.Equal(t, scenarios.Fail, o.Status, "without %s\n%s", l, text)
			mutants++
		}
	}
}
