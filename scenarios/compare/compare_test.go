package compare

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

var update = flag.Bool("update", false, "write the golden files anew")

var rfcs = []string{"rfc9293", "rfc793"}

// scenario gives the script of a scenario of the library.
func scenario(t *testing.T, name string) *script.Script {
	t.Helper()
	sc, ok := scenarios.Find(name)
	require.True(t, ok, name)
	return sc.Script
}

func compared(t *testing.T, s *script.Script, profiles []string, story string) *Comparison {
	t.Helper()
	c, err := Of(s, profiles, story)
	require.NoError(t, err)
	return c
}

// row writes a row as "text | text", "-" for a profile under which it is not.
func (s *Section) row(r *Row) string {
	var words []string
	for _, it := range r.Cells {
		if it == nil {
			words = append(words, "-")
		} else {
			words = append(words, s.words(it))
		}
	}
	return strings.Join(words, " | ")
}

// What is known to differ between the two RFCs, and the switch that makes it.
func TestKnownDifferences(t *testing.T) {
	for _, c := range []struct{ scenario, section, row, by string }{
		{"close-with-unread", "segments client > server", "R 1:1(0) | F. 1:1(0) ack 5", "reset_unread"},
		{"close-with-unread", "segments client > server", ". 1:1(0) ack 5 | . 1:1(0) ack 5", "delayed_ack"},
		{"close-with-unread", "calls of server", "read(4, ..., 100) = -1 ECONNRESET | read(4, ..., 100) = 0", "reset_unread"},
		{"close-with-unread", "states of client", "ESTABLISHED -> CLOSED | ESTABLISHED -> FIN-WAIT-1", "reset_unread"},
		{"blind-syn-in-window", "segments server > client", ". 1:1(0) ack 1 | R. 0:0(0) ack 101", "rfc5961_syn"},
		{"blind-syn-in-window", "states of server", "- | ESTABLISHED -> CLOSED", "rfc5961_syn"},
		{"blind-rst-in-window", "segments server > client", ". 1:1(0) ack 1 | -", "rfc5961_reset"},
		{"time-wait-ack", "segments client > server", "- | . 2:2(0) ack 2", "time_wait_any_ack"},
		{"time-wait-ack", "states of client", "TIME-WAIT -> CLOSED | TIME-WAIT -> CLOSED", "time_wait_any_ack"},
		{"time-wait-forged-syn", "states of server", "#2 LISTEN -> SYN-RECEIVED | -", "rfc6191"},
		{"data-after-close", "calls of server", "", "reset_after_close or half_duplex_close"},
		{"retransmit-backoff", "segments server > client", ". 1:1(0) ack 11 | . 1:1(0) ack 11", "backoff"},
		{"connect-timeout", "states of client", "SYN-SENT -> CLOSED | SYN-SENT -> CLOSED", "r2_syn"},
		{
			"connect-timeout", "calls of client",
			"connect(3, {server:80}, ...) = -1 ETIMEDOUT after 3m3s | connect(3, {server:80}, ...) = -1 ETIMEDOUT after 5m0s", "r2_syn",
		},
		{"syn-ack-lost", "segments client > server", "S 0:0(0) | S 0:0(0)", "rto_initial"},
		{
			"close-with-unread", "segments client > server",
			"S 0:0(0) <mss 1460,sackOK,TS,nop,wscale 7> | S 0:0(0) <mss 1460>", "timestamps, sack and window_scale together",
		},
	} {
		found := false
		cmp := compared(t, scenario(t, c.scenario), rfcs, "")
		for i := range cmp.Sections {
			s := &cmp.Sections[i]
			for j := range s.Rows {
				r := &s.Rows[j]
				if s.heading() != c.section || r.Number == 0 || c.row != "" && s.row(r) != c.row {
					continue
				}
				found = true
				require.Equal(t, "by "+c.by, cmp.because(&r.Causes[0]), "%s: %s", c.scenario, s.row(r))
			}
		}
		require.True(t, found, "%s: no %q in %s", c.scenario, c.row, c.section)
	}
}

// The comparison holds whichever profile is the first.
func TestOtherWayRound(t *testing.T) {
	s := scenario(t, "close-with-unread")
	a := compared(t, s, []string{"rfc9293", "rfc793"}, "rfc9293")
	b := compared(t, s, []string{"rfc793", "rfc9293"}, "rfc9293")
	require.Equal(t, a.Differences, b.Differences)
	require.Contains(t, b.Switches[len(b.Switches)-1].Name, "reset_unread")
}

// What does not differ is said not to.
func TestNothingDiffers(t *testing.T) {
	s, err := script.Parse("quiet.pkt", []byte("--hosts=client,server\n+0 client socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"))
	require.NoError(t, err)
	c := compared(t, s, rfcs, "")
	require.Equal(t, "quiet.pkt: nothing differs between rfc9293 and rfc793", c.String())
	require.Empty(t, c.Switches)
}

// Every story of the library is compared under two profiles, all of them in turn,
// within the limits; the text keeps to its page, and is the same when it is made
// again.
func TestLibraryCompares(t *testing.T) {
	for i, sc := range scenarios.Library() {
		if raced && i%10 != 0 {
			continue
		}
		t.Run(sc.Name, func(t *testing.T) {
			t.Parallel()
			all := sim.Profiles()
			n := len(all)
			profiles := []string{all[i%n], all[(i+1+i/n%(n-1))%n]}
			c := compared(t, sc.Script, profiles, "")
			for k, why := range c.Stopped {
				require.Empty(t, why, profiles[k])
			}
			text := printed(t, c)
			for line := range strings.Lines(text) {
				require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimRight(line, "\n")), pageWidth+1, line)
			}
			require.NotContains(t, text, "no switch makes it")
			if i%8 == 0 {
				require.Equal(t, text, printed(t, compared(t, sc.Script, profiles, "")))
			}
		})
	}
}

func printed(t *testing.T, c *Comparison) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, c.Text(&b, sim.Plain))
	return b.String()
}

// The forms of the output, as they are.
func TestGolden(t *testing.T) {
	four := []string{"rfc793", "rfc9293", "RFC793", "RFC9293"} // names are compared without regard to case
	for _, g := range []struct {
		file, scenario string
		profiles       []string
		story          string
		write          func(*Comparison, *bytes.Buffer) error
	}{
		{"close-with-unread.txt", "close-with-unread", rfcs, "", asText},
		{"close-with-unread-rfc793.txt", "close-with-unread", rfcs, "rfc793", asText},
		{"close-with-unread.md", "close-with-unread", rfcs, "", asMarkdown},
		{"close-with-unread.json", "close-with-unread", rfcs, "", asJSON},
		{"close-with-unread-four.txt", "close-with-unread", four, "rfc9293", asText},
		{"close-with-unread-five.txt", "close-with-unread", append(four, "Rfc793"), "rfc9293", asText},
		{"blind-syn-in-window.txt", "blind-syn-in-window", rfcs, "", asText},
		{"time-wait-ack-war.txt", "time-wait-ack-war", rfcs, "", asText},
		{"connect-timeout.txt", "connect-timeout", rfcs, "", asText},
	} {
		var b bytes.Buffer
		require.NoError(t, g.write(compared(t, scenario(t, g.scenario), g.profiles, g.story), &b))
		path := filepath.Join("testdata", g.file)
		if *update {
			require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err, "go test ./scenarios/compare -run TestGolden -update writes it")
		require.Equal(t, string(want), b.String(), g.file)
	}
}

func asText(c *Comparison, b *bytes.Buffer) error     { return c.Text(b, sim.Plain) }
func asMarkdown(c *Comparison, b *bytes.Buffer) error { return c.Markdown(b) }
func asJSON(c *Comparison, b *bytes.Buffer) error     { return c.JSON(b) }
