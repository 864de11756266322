package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/scenarios/matrix"
	"github.com/tcpsim/tcpsim/sim"
)

// Two hundred cells, drawn by a seed from all that can be reached, pass the tester
// as scripts.
func TestMatrixExport(t *testing.T) {
	const seed, wanted = 117, 200
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(seed, 0))
	cells := matrix.Cells(sim.Profiles(), matrix.Filter{})
	random.Shuffle(len(cells), func(i, k int) { cells[i], cells[k] = cells[k], cells[i] })
	left := wanted
	for _, c := range cells {
		text, reason, err := matrix.Script(c)
		require.NoError(t, err, "seed %d", seed)
		if reason != "" {
			continue
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, c.Name()+".pkt"), text, 0o600))
		if left--; left == 0 {
			break
		}
	}
	var out, why bytes.Buffer
	require.Equal(t, exitPass, run([]string{"test", dir}, nil, &out, &why), "seed %d\n%s%s", seed, &out, &why)
	require.Regexp(t, `^200 passed `, out.String())
}
