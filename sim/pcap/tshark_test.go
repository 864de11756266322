package pcap

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tshark runs it on a capture, and gives the lines that it prints.
func tshark(t *testing.T, file string, args ...string) []string {
	args = append([]string{"-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-r", file}, args...)
	cmd := exec.Command("tshark", args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, "%s", errs.String())
	if len(out) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// Wireshark finds nothing wrong with any packet, and shows what it is told:
// interfaces, names, comments.
func TestTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		if os.Getenv("TCPSIM_REQUIRE_TSHARK") == "1" {
			t.Fatal("tshark is not installed, and TCPSIM_REQUIRE_TSHARK=1 asks for it")
		}
		t.Skip("tshark is not installed")
	}
	for _, v6 := range []bool{false, true} {
		story, host := stories[3], "ip.src_host"
		if v6 {
			story, host = stories[4], "ipv6.src_host"
		}
		r := newRun(t, v6)
		captures := []*capture{
			r.capture(Options{Vantage: At(0)}),
			r.capture(Options{Format: PCAPNG, Vantage: All, Comments: true, LinkType: RawIP}),
		}
		story.tell(r)
		for _, c := range captures {
			require.NoError(t, c.Close())
			file := filepath.Join(t.TempDir(), "capture")
			require.NoError(t, os.WriteFile(file, c.Bytes(), 0o644))
			t.Run(fmt.Sprintf("%s %+v", story.name, c.o), func(t *testing.T) {
				t.Parallel()
				bad := "_ws.malformed || _ws.short || tcp.checksum.status == 0 || ip.checksum.status == 0"
				require.Empty(t, tshark(t, file, "-Y", bad))
				got := tshark(t, file, "-N", "n", "-T", "fields", "-E", "separator=|", "-e", host,
					"-e", "tcp.checksum.status", "-e", "frame.interface_name", "-e", "frame.comment")
				require.Equal(t, c.shown(), got)
			})
		}
	}
}

// shown lists what tshark is to show of each packet: where it comes from, that
// its checksum is good, and what else the file tells.
func (c *capture) shown() []string {
	var lines []string
	for _, k := range c.seen() {
		host := c.r.net.Addr(k.Packet.From.Addr).String()
		if c.o.Format == PCAPNG { // it has names
			host = strings.Split(c.r.net.Name(k.Packet.From), ":")[0]
		}
		lines = append(lines, host+"|1||")
	}
	if c.o.Comments {
		for i, k := range c.comments() {
			name, comment, _ := strings.Cut(k[1:], "] ")
			lines[i] = strings.TrimSuffix(lines[i], "|") + name + "|" + strings.ReplaceAll(comment, "\n", `\n`)
		}
	}
	return lines
}
