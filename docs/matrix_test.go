package docs

import (
	"runtime"

	"github.com/tcpsim/tcpsim/scenarios/matrix"
	"github.com/tcpsim/tcpsim/sim"
)

// closeMatrixDoc is every way to end a connection, and what comes of it.
func closeMatrixDoc() string {
	profiles := sim.Profiles()
	results := matrix.RunAll(matrix.Cells(profiles, matrix.Filter{}), runtime.GOMAXPROCS(0), nil)
	return "# The close matrix\n\n" + generated + matrix.Digest(profiles, results)
}
