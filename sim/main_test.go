package sim

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"
)

var soak = flag.Bool("soak", false, "run each property 100,000 times instead of 2,000")

// checks sets how often rapid runs a property.
func checks(t *testing.T) {
	n := "2000"
	switch {
	case *soak:
		n = "100000"
	case testing.Short():
		n = "200"
	}
	require.NoError(t, flag.Set("rapid.checks", n))
	require.NoError(t, flag.Set("rapid.nofailfile", "true"))
}
