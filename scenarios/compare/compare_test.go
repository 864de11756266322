package compare

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim"
)

func TestShow(t *testing.T) {
	sc, _ := scenarios.Find(os.Getenv("SC"))
	ps, err := Profiles(sc.Script)
	require.NoError(t, err)
	if p := os.Getenv("PS"); p != "" {
		ps = strings.Split(p, ",")
	}
	c, err := Of(sc.Script, ps, os.Getenv("STORY"))
	require.NoError(t, err)
	require.NoError(t, c.Text(os.Stdout, sim.Plain))
}
