package matrix

import (
	"math/rand/v2"
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
