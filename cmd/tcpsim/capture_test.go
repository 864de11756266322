package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
	"github.com/stretchr/testify/require"
)

// needTshark skips a test where tshark is not installed, or fails it where that
// is asked for.
func needTshark(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		if os.Getenv("TCPSIM_REQUIRE_TSHARK") == "1" {
			t.Fatal("tshark is not installed, and TCPSIM_REQUIRE_TSHARK=1 asks for it")
		}
		t.Skip("tshark is not installed")
	}
}

// tshark gives the fields of the packets of a capture that pass a filter.
func tshark(t *testing.T, file, filter string, fields ...string) [][]string {
	t.Helper()
	args := []string{
		"-n", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-r", file, "-Y", filter,
		"-T", "fields", "-E", "separator=|",
	}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command("tshark", args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, "%s", &errs)
	var lines [][]string
	for line := range strings.Lines(string(out)) {
		lines = append(lines, strings.Split(strings.TrimSuffix(line, "\n"), "|"))
	}
	return lines
}

// A capture as it is written for a user: the handshake, the text and both FINs
// make Wireshark call the conversation complete, and every packet tells what it
// did.
func TestCaptureShows(t *testing.T) {
	needTshark(t)
	for _, name := range []string{"x.pcap", "x.pcapng"} {
		file := filepath.Join(t.TempDir(), name)
		var out, errs bytes.Buffer
		require.Zero(t, run([]string{"run", "fin-with-data", "-w", file}, nil, &out, &errs), "%s", &errs)
		got := tshark(t, file, "tcp", "tcp.flags.str", "tcp.completeness", "frame.comment")
		require.Len(t, got, 7)
		require.Equal(t, "31", got[6][1], "SYN, SYN ACK, ACK, text and FIN")
		if name == "x.pcapng" {
			require.Equal(t, []string{
				"··········S·", "0", "client CLOSED -> SYN-SENT, open-active, RFC 9293 3.10.1, CLOSED",
			}, got[0])
			require.Equal(t, "·······AP··F", got[3][0])
			require.Contains(t, got[3][2], "client ESTABLISHED -> FIN-WAIT-1, close-established, RFC 9293 3.10.4")
		}
	}
}

// Every capture of the library is without fault in Wireshark's eyes and in
// gopacket's, and an undisturbed exchange gives it nothing to remark.
func TestCaptureLibrary(t *testing.T) {
	var runs []libraryRun
	var played []outputs
	for _, r := range libraryRuns(t) {
		o, err := r.play()
		require.NoError(t, err)
		runs, played = append(runs, r), append(played, o)
	}
	for _, ipv6 := range []bool{false, true} {
		pcaps := &batch{format: "pcap"}
		pcapngs := &batch{format: "pcapng"}
		for i, r := range runs {
			if r.ipv6 == ipv6 {
				pcaps.add(t, r, &played[i], played[i].pcap)
				pcapngs.add(t, r, &played[i], played[i].pcapng)
			}
		}
		for _, b := range []*batch{pcaps, pcapngs} {
			t.Run(fmt.Sprintf("%s/ipv6=%v", b.format, ipv6), func(t *testing.T) {
				t.Parallel()
				needTshark(t)
				b.wantFaultless(t)
				if b.format == "pcapng" {
					b.wantUnremarked(t)
				}
			})
		}
	}
}

// batch is one file of the captures of many runs: to start tshark takes longer
// than to read them all.
type batch struct {
	format string
	file   []byte
	runs   []batched
}

// batched is a run whose packets are in a batch.
type batched struct {
	libraryRun
	*outputs
	first int // the number of its first packet
	ends  int // that of its last
}

// add checks the capture of a run with gopacket and appends it.
func (b *batch) add(t *testing.T, r libraryRun, o *outputs, capture []byte) {
	k := batched{libraryRun: r, outputs: o, first: 1}
	if n := len(b.runs); n > 0 {
		k.first = b.runs[n-1].ends + 1
	}
	require.NotEmpty(t, capture, "%v", r)
	n, err := decodes(b.format, capture)
	require.NoError(t, err, "%v: %s", r, b.format)
	require.Len(t, o.packets, n, "%v: %s", r, b.format)
	frames := framesOf(b.format, capture)
	require.Len(t, frames, n, "%v: %s", r, b.format)
	for _, f := range frames {
		readdress(f, len(b.runs))
	}
	if b.format == "pcap" && len(b.runs) > 0 {
		capture = capture[24:] // one header for all
	}
	k.ends = k.first + n - 1
	b.file = append(b.file, capture...)
	b.runs = append(b.runs, k)
}

// write gives the name of a file with the batch.
func (b *batch) write(t *testing.T) string {
	name := filepath.Join(t.TempDir(), "batch."+b.format)
	require.NoError(t, os.WriteFile(name, b.file, 0o600))
	return name
}

// runOf finds the run of a packet, and tells which of its packets it is.
func (b *batch) runOf(t *testing.T, number string) (*batched, int) {
	n, err := strconv.Atoi(number)
	require.NoError(t, err)
	for i := range b.runs {
		if k := &b.runs[i]; n >= k.first && n <= k.ends {
			return k, n - k.first + 1
		}
	}
	t.Fatalf("no run has packet %d", n)
	return nil, 0
}

// wantFaultless claims that all packets are there and that nothing is wrong with
// any.
func (b *batch) wantFaultless(t *testing.T) {
	// An ICMP message quotes the beginning of a segment, of which no checksum can tell.
	filter := "!tcp || _ws.malformed || _ws.short || !icmp && !icmpv6 && (tcp.checksum.status != 1 || ip && ip.checksum.status != 1) ||" +
		" icmp && icmp.checksum.status != 1 || icmpv6 && icmpv6.checksum.status != 1"
	if b.format == "pcapng" {
		filter += " || !frame.comment"
	}
	last := b.runs[len(b.runs)-1].ends
	filter += fmt.Sprintf(" || frame.number >= %d", last)
	got := tshark(t, b.write(t), filter, "frame.number", "_ws.expert.message")
	require.NotEmpty(t, got)
	require.Equal(t, strconv.Itoa(last), got[len(got)-1][0], "tshark has read all packets")
	for _, l := range got[:len(got)-1] {
		k, n := b.runOf(t, l[0])
		t.Errorf("%v: packet %d: %s", k, n, l[1])
	}
}

// decodes lets gopacket read a capture, and counts its packets.
func decodes(format string, capture []byte) (n int, err error) {
	var rd interface {
		ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
	}
	if format == "pcap" {
		rd, err = pcapgo.NewReader(bytes.NewReader(capture))
	} else {
		rd, err = pcapgo.NewNgReader(bytes.NewReader(capture), pcapgo.DefaultNgReaderOptions)
	}
	if err != nil {
		return 0, err
	}
	for {
		frame, _, err := rd.ReadPacketData()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n++
		p := gopacket.NewPacket(frame, layers.LinkTypeEthernet, gopacket.NoCopy)
		if e := p.ErrorLayer(); e != nil {
			return n, fmt.Errorf("packet %d: %w", n, e.Error())
		}
		if p.Layer(layers.LayerTypeTCP) == nil && p.Layer(layers.LayerTypeICMPv4) == nil && p.Layer(layers.LayerTypeICMPv6) == nil ||
			p.Metadata().Truncated {
			return n, fmt.Errorf("packet %d: no whole TCP segment", n)
		}
	}
}

// framesOf gives the frames of a capture, to be changed in their places.
func framesOf(format string, capture []byte) (frames [][]byte) {
	le := binary.LittleEndian
	if format == "pcap" {
		for b := capture[24:]; len(b) > 0; {
			n := 16 + int(le.Uint32(b[8:]))
			frames, b = append(frames, b[16:n]), b[n:]
		}
		return frames
	}
	for b := capture; len(b) > 0; b = b[le.Uint32(b[4:]):] {
		if le.Uint32(b) == 6 {
			frames = append(frames, b[28:28+le.Uint32(b[20:])])
		}
	}
	return frames
}

// readdress gives both addresses of a frame a mark, so that the conversations of
// different runs are different ones. What is added to one half of an address is
// taken from the other: the checksums stay as right or as wrong as they were.
func readdress(frame []byte, mark int) {
	at, size := 14+12, 4
	if frame[14]>>4 == 6 {
		at, size = 14+8, 16
	}
	for _, a := range [][]byte{frame[at:], frame[at+size:]} {
		be := binary.BigEndian
		hi, lo := int(be.Uint16(a)), int(be.Uint16(a[2:]))
		be.PutUint16(a, uint16((hi+mark)%0xffff))
		be.PutUint16(a[2:], uint16((lo-mark+0xffff)%0xffff))
	}
}
