package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Every parameter is described, has a value under every profile, and a source
// wherever a profile differs from RFC 9293's.
func TestParameters(t *testing.T) {
	seen := map[string]bool{}
	base := RFC9293()
	for _, p := range Parameters() {
		require.False(t, seen[p.Name], p.Name)
		seen[p.Name] = true
		require.NotEmpty(t, p.Says, p.Name)
		for _, name := range Profiles() {
			s, _ := Profile(name)
			require.NotEmpty(t, p.Value(&s), "%s under %s", p.Name, name)
			require.NotEmpty(t, p.Source(&s))
			if p.Value(&s) != p.Value(&base) {
				require.NotEqual(t, rfc9293Sources[p.Name], p.Source(&s), "%s: the source of %s", name, p.Name)
				require.NotContains(t, p.Source(&s), "as RFC 9293 has it", "%s: the source of %s", name, p.Name)
			}
		}
	}
	for name, of := range systemSources {
		for p := range of {
			require.True(t, seen[p] || p == "options_lacking", "%s: a source of %q", name, p)
		}
	}
}

// What a parameter prints follows the system.
func TestParameterFollows(t *testing.T) {
	s := Linux()
	values := map[string]string{}
	for _, p := range Parameters() {
		values[p.Name] = p.Value(&s)
	}
	require.Equal(t, "60 s", values["time_wait"])
	require.Equal(t, "200 ms", values["rto_min"])
	require.Equal(t, "32768 to 60999", values["ports"])
	require.Equal(t, "on", values["fin_state_eager"])
	require.Equal(t, "off", values["reset_flushes"])
	require.Equal(t, "EADDRNOTAVAIL", values["tuple_taken"])
	require.Equal(t, "none", values["time_wait_limit"])
	require.NoError(t, s.Sysctl("net.ipv4.tcp_max_tw_buckets", "5"))
	for _, p := range Parameters() {
		if p.Name == "time_wait_limit" {
			require.Equal(t, "5", p.Value(&s))
		}
	}
}
