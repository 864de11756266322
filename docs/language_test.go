package docs

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/sim"
)

// The page of the language names every profile, socket option, ICMP message and
// parameter that scripts can name; those of tcpsim's own are in profiles.md.
func TestLanguageNames(t *testing.T) {
	page, err := os.ReadFile("language.md")
	require.NoError(t, err)
	names := sim.Profiles()
	for _, o := range sim.Options() {
		names = append(names, o.String())
	}
	for _, message := range sim.ICMPNames() {
		names = append(names, strings.Fields(message)...)
	}
	for _, name := range sim.SysctlNames() {
		if !strings.HasPrefix(name, "tcpsim.") {
			names = append(names, strings.TrimPrefix(name, "net.ipv4."))
		}
	}
	for _, name := range names {
		require.Contains(t, string(page), name)
	}
}
