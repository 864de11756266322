package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/sim/crowd"
)

// Every field of a crowd has a flag, and every flag a field: a crowd's settings,
// given as flags to another, play the same.
func TestCrowdFlags(t *testing.T) {
	want, ok := crowd.Find("restart-under-load")
	require.True(t, ok)
	want.Clients, want.Sysctl, want.Seed = 500, []string{"net.inet.tcp.msl=1000"}, 9
	want.Linger.On, want.ClientLinger.Seconds = true, 0
	args := []string{"crowd", "close-wait-leak", "--format", "csv"}
	for _, s := range want.Settings() {
		args = append(args, "--"+s.Name+"="+s.Value)
	}
	var got, direct, stderr bytes.Buffer
	require.Equal(t, exitPass, run(args, strings.NewReader(""), &got, &stderr), "%s", &stderr)
	r, err := crowd.Run(want)
	require.NoError(t, err)
	require.NoError(t, r.CSV(&direct))
	require.Equal(t, direct.String(), got.String())

	fields := map[string]bool{"format": true, "rate": true, "help": true}
	for _, s := range want.Settings() {
		fields[s.Name] = true
	}
	for _, name := range flagNames(newCrowd()) {
		require.True(t, fields[name], "--%s sets nothing", name)
	}
}
