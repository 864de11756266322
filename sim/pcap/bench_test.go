package pcap

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// traffic is what every writer of the benchmark writes: packets of a thousand
// connections between two hosts, both ways, each with the same text.
type traffic struct {
	net    *sim.Network
	client sim.AddrID
	server sim.AddrID
	text   int
	r      sim.Record
}

func newTraffic(text int) *traffic {
	n := sim.New(sim.Config{})
	a := n.AddHost("client", sim.RFC9293(), netip.MustParseAddr("192.0.2.1"))
	b := n.AddHost("server", sim.RFC9293(), netip.MustParseAddr("192.0.2.2"))
	return &traffic{net: n, client: a.Addrs()[0], server: b.Addrs()[0], text: text}
}

const flows = 1000

// packet gives the record of the packet of a number.
func (t *traffic) packet(i int) *sim.Record {
	r, k := &t.r, &t.r.Packet
	r.At, r.Kind, r.Turn, r.Host = fsm.Time(i)*1000, sim.Sent, uint64(i), 0
	k.Number = uint64(i)
	k.From, k.To = sim.Endpoint{Addr: t.client, Port: uint16(10000 + i%flows)}, sim.Endpoint{Addr: t.server, Port: 80}
	if i/flows%2 == 1 {
		k.From, k.To, r.Host = k.To, k.From, 1
	}
	k.Seg = fsm.Segment{
		Seq: fsm.Seq(i) * 2654435761, Ack: fsm.Seq(i) * 40503, Wnd: 65535, Len: uint16(t.text),
		Flags: [...]fsm.Flags{fsm.ACK, fsm.SYN | fsm.ACK, fsm.FIN | fsm.ACK, fsm.PSH | fsm.ACK}[i/(2*flows)%4],
	}
	return r
}

// writers are what is measured. Each writes b.N packets to a file or to nobody.
var writers = []struct {
	name string
	run  func(b *testing.B, out io.Writer, text int)
}{
	{"pcap", benchWriter(Options{})},
	{"pcapng", benchWriter(Options{Format: PCAPNG})},
	{"comments", benchWriter(Options{Format: PCAPNG, Comments: true})},
	{"gopacket", benchGopacket},
	{"write", benchWrite},
	{"records", benchRecords}, // what all but write spend to have something to write
}

// BenchmarkWrite gives the time for a packet: written here, by gopacket, and the
// mere write(2) of as many octets.
func BenchmarkWrite(b *testing.B) {
	for _, text := range []int{0, 512} {
		for _, to := range []string{"discard", "file"} {
			for _, w := range writers {
				b.Run(fmt.Sprintf("%dB/%s/%s", text, to, w.name), func(b *testing.B) {
					out := io.Discard
					if to == "file" {
						out = newRing(b)
					}
					b.ReportAllocs()
					w.run(b, out, text)
				})
			}
		}
	}
}

func benchWriter(o Options) func(*testing.B, io.Writer, int) {
	return func(b *testing.B, out io.Writer, text int) {
		t := newTraffic(text)
		w, err := New(t.net, out, o)
		if err != nil {
			b.Fatal(err)
		}
		for i := 0; b.Loop(); i++ {
			w.Record(t.packet(i))
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// benchGopacket uses gopacket as well as it can be: layers and buffer are used
// again, and the file is buffered.
func benchGopacket(b *testing.B, out io.Writer, text int) {
	t := newTraffic(text)
	buffered := bufio.NewWriterSize(out, flushAt)
	w := pcapgo.NewWriterNanos(buffered)
	if err := w.WriteFileHeader(snapLength, layers.LinkTypeEthernet); err != nil {
		b.Fatal(err)
	}
	mac := [...]net.HardwareAddr{{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}}
	addr := [...]net.IP{{192, 0, 2, 1}, {192, 0, 2, 2}}
	eth := layers.Ethernet{EthernetType: layers.EthernetTypeIPv4}
	ip := layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, Flags: layers.IPv4DontFragment}
	var tcp layers.TCP
	if err := tcp.SetNetworkLayerForChecksum(&ip); err != nil {
		b.Fatal(err)
	}
	buf := gopacket.NewSerializeBuffer()
	fix := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	var octets []byte
	for i := 0; b.Loop(); i++ {
		r := t.packet(i)
		k, seg := &r.Packet, &r.Packet.Seg
		eth.SrcMAC, eth.DstMAC = mac[r.Host], mac[1-r.Host]
		ip.SrcIP, ip.DstIP, ip.Id = addr[r.Host], addr[1-r.Host], uint16(i)
		tcp.SrcPort, tcp.DstPort = layers.TCPPort(k.From.Port), layers.TCPPort(k.To.Port)
		tcp.Seq, tcp.Ack, tcp.Window = uint32(seg.Seq), uint32(seg.Ack), seg.Wnd
		tcp.SYN, tcp.FIN = seg.Flags&fsm.SYN != 0, seg.Flags&fsm.FIN != 0
		tcp.PSH, tcp.ACK = seg.Flags&fsm.PSH != 0, seg.Flags&fsm.ACK != 0
		octets = t.net.AppendText(octets[:0], k.Text, int(seg.Len))
		if err := gopacket.SerializeLayers(buf, fix, &eth, &ip, &tcp, gopacket.Payload(octets)); err != nil {
			b.Fatal(err)
		}
		at := time.Unix(Epoch, int64(r.At))
		info := gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(buf.Bytes()), Length: len(buf.Bytes())}
		if err := w.WritePacket(info, buf.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
	if err := buffered.Flush(); err != nil {
		b.Fatal(err)
	}
}

func benchRecords(b *testing.B, _ io.Writer, text int) {
	t := newTraffic(text)
	n := uint64(0)
	for i := 0; b.Loop(); i++ {
		n += t.packet(i).Packet.Number
	}
	if n == 1 {
		b.Fatal(n)
	}
}

// benchWrite writes as many octets as the pcap file has.
func benchWrite(b *testing.B, out io.Writer, text int) {
	buf := make([]byte, flushAt)
	n := 0
	for b.Loop() {
		if n += pcapRecord + ethernetOctets + 40 + text; n >= flushAt {
			n -= flushAt
			if _, err := out.Write(buf); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// ring is a file that begins anew when it has grown too large.
type ring struct {
	*os.File
	n int
}

func newRing(b *testing.B) *ring {
	f, err := os.Create(filepath.Join(b.TempDir(), "capture"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { require.NoError(b, f.Close()) })
	return &ring{File: f}
}

func (r *ring) Write(p []byte) (int, error) {
	if r.n += len(p); r.n > 256<<20 {
		r.n = len(p)
		if err := r.Truncate(0); err != nil {
			return 0, err
		}
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return 0, err
		}
	}
	return r.File.Write(p)
}
