package main

import (
	"bytes"
	"os"
	"regexp"
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

var quotedCrowd = regexp.MustCompile("(?s)```console\n\\$ tcpsim (crowd[^\n]*)\n(.*?)```")

// What the guide quotes is what the command prints, in that order: "..." stands
// for lines left out.
func TestCrowdGuide(t *testing.T) {
	text, err := os.ReadFile("../../docs/crowds.md")
	require.NoError(t, err)
	all := quotedCrowd.FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, all)
	if raced {
		t.Skip("one long run after the other")
	}
	for _, m := range all {
		rest := output(t, strings.Fields(m[1])...)
		parts := strings.Split(m[2], "...\n")
		for i, part := range parts {
			at := strings.Index(rest, part)
			require.GreaterOrEqual(t, at, 0, "%s prints no\n%s", m[1], part)
			if i == 0 {
				require.Zero(t, at, "%s begins otherwise", m[1])
			}
			rest = rest[at+len(part):]
		}
		if parts[len(parts)-1] != "" {
			require.Empty(t, rest, "%s prints more", m[1])
		}
	}
}

var tableRow = regexp.MustCompile("(?m)^\\| `(--[^`]*)` \\| (none|the same) \\|")

// So is the table of what cures the want of ports.
func TestCrowdGuideCures(t *testing.T) {
	text, err := os.ReadFile("../../docs/crowds.md")
	require.NoError(t, err)
	rows := tableRow.FindAllStringSubmatch(string(text), -1)
	require.Len(t, rows, 7)
	if raced {
		t.Skip("one long run after the other")
	}
	for _, m := range rows {
		got := output(t, append([]string{"crowd", "time-wait-exhaustion"}, strings.Fields(m[1])...)...)
		want := "\nno failure\n"
		if m[2] == "the same" {
			want = "\nfirst failure  0:03:22.707  client: connect: EADDRNOTAVAIL, client 16385, 5900 times\n"
		}
		require.Contains(t, got, want, m[1])
	}
}

// output is what a command that succeeds prints.
func output(t *testing.T, args ...string) string {
	t.Helper()
	var out, stderr bytes.Buffer
	require.Equal(t, exitPass, run(args, strings.NewReader(""), &out, &stderr), "%s", &stderr)
	require.Empty(t, stderr.String())
	return out.String()
}
