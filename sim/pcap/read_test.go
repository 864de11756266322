package pcap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/wire"
)

// seen lists the records of the packets that a capture is to show, in order.
// It says in another way what Writer.sees says.
func (c *capture) seen() []sim.Record {
	var out []sim.Record
	for _, r := range c.r.records {
		k := &r.Packet
		self := c.r.owns(r.Host, k.From) && c.r.owns(r.Host, k.To)
		switch {
		case r.Kind != sim.Sent && r.Kind != sim.Arrived:
		case r.Kind == sim.Sent && self:
		case c.o.Vantage == Link && r.Kind == sim.Arrived && !k.Forged:
		case c.o.Vantage > 0 && c.o.Vantage != At(r.Host):
		default:
			out = append(out, r)
		}
	}
	return out
}

func (r *run) owns(h sim.HostID, e sim.Endpoint) bool {
	for _, a := range r.net.Host(h).Addrs() {
		if a == e.Addr {
			return true
		}
	}
	return false
}

// reader is what pcapgo's two readers have in common.
type reader interface {
	ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
	LinkType() layers.LinkType
}

// frames reads the capture back by gopacket.
func (c *capture) frames() ([][]byte, []gopacket.CaptureInfo) {
	t := c.r.t
	var rd reader
	var err error
	if c.o.Format == PCAPNG {
		rd, err = pcapgo.NewNgReader(&c.Buffer, pcapgo.DefaultNgReaderOptions)
	} else {
		rd, err = pcapgo.NewReader(&c.Buffer)
	}
	require.NoError(t, err)
	link := map[LinkType]layers.LinkType{Ethernet: layers.LinkTypeEthernet, RawIP: layers.LinkTypeRaw}
	require.Equal(t, link[c.o.LinkType], rd.LinkType())
	var frames [][]byte
	var infos []gopacket.CaptureInfo
	for {
		b, info, err := rd.ReadPacketData()
		if errors.Is(err, io.EOF) {
			return frames, infos
		}
		require.NoError(t, err)
		frames, infos = append(frames, b), append(infos, info)
	}
}

// want checks that a frame is the packet of a record.
func (c *capture) want(r *sim.Record, b []byte, info gopacket.CaptureInfo) {
	t, n, k := c.r.t, c.r.net, &r.Packet
	require.Equal(t, time.Unix(Epoch, int64(r.At)).UTC(), info.Timestamp.UTC())
	require.Equal(t, len(b), info.Length)
	if c.o.Vantage == All {
		require.Equal(t, int(r.Host), info.InterfaceIndex)
	}
	c.decode(k, b)
	if c.o.LinkType == Ethernet {
		b = b[14:]
	}
	h, text, err := wire.Parse(b)
	require.NoError(t, err)
	require.Equal(t, n.AddrPort(k.From), h.Src)
	require.Equal(t, n.AddrPort(k.To), h.Dst)
	require.Equal(t, k.Seg, h.Seg)
	require.Equal(t, string(n.AppendText(nil, k.Text, int(k.Seg.Len))), string(text))
}

// decode lets gopacket have its say on a frame.
func (c *capture) decode(k *sim.Packet, b []byte) {
	t, n := c.r.t, c.r.net
	first := gopacket.Decoder(layers.LinkTypeEthernet)
	if c.o.LinkType == RawIP {
		first = layers.LinkTypeRaw
	}
	p := gopacket.NewPacket(b, first, gopacket.Default)
	require.Nil(t, p.ErrorLayer())
	require.False(t, p.Metadata().Truncated)
	if eth, ok := p.LinkLayer().(*layers.Ethernet); ok {
		require.Equal(t, c.r.mac(k.From), eth.SrcMAC)
		require.Equal(t, c.r.mac(k.To), eth.DstMAC)
	}
	tcp := p.TransportLayer().(*layers.TCP)
	require.NoError(t, tcp.SetNetworkLayerForChecksum(p.NetworkLayer()))
	rest, err := tcp.ComputeChecksum()
	require.NoError(t, err)
	require.Zero(t, rest, "the checksum over all, itself included")
	if n.Addr(k.From.Addr).Is6() {
		ip := p.NetworkLayer().(*layers.IPv6)
		require.EqualValues(t, wire.DefaultTTL, ip.HopLimit)
	} else {
		ip := p.NetworkLayer().(*layers.IPv4)
		require.Equal(t, layers.IPv4DontFragment, ip.Flags)
		require.EqualValues(t, wire.DefaultTTL, ip.TTL)
	}
	require.Equal(t, n.AddrPort(k.From).Addr().AsSlice(), p.NetworkLayer().NetworkFlow().Src().Raw())
	require.EqualValues(t, k.From.Port, tcp.SrcPort)
	require.EqualValues(t, k.To.Port, tcp.DstPort)
	require.EqualValues(t, k.Seg.Seq, tcp.Seq)
	require.Len(t, tcp.Payload, int(k.Seg.Len))
}

// mac is the hardware address of whoever has an address.
func (r *run) mac(e sim.Endpoint) net.HardwareAddr {
	for _, h := range r.net.Hosts() {
		if r.owns(h.ID(), e) {
			return net.HardwareAddr{2, 0, 0, 0, 0, byte(h.ID()) + 1}
		}
	}
	return net.HardwareAddr{2, 0, 0, 0, 0xff, 0xff}
}

// Every story, seen from everywhere and in every form, reads back as it was.
func TestCaptures(t *testing.T) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			r := newRun(t, s.v6)
			var captures []*capture
			for _, link := range []LinkType{Ethernet, RawIP} {
				for _, v := range []Vantage{Link, At(r.client.ID()), At(r.server.ID())} {
					captures = append(captures, r.capture(Options{Vantage: v, LinkType: link}))
				}
				for _, v := range []Vantage{Link, All, At(r.client.ID()), At(r.server.ID())} {
					for _, comments := range []bool{false, true} {
						captures = append(captures, r.capture(Options{
							Format: PCAPNG, Vantage: v, LinkType: link, Comments: comments,
						}))
					}
				}
			}
			s.tell(r)
			for _, c := range captures {
				t.Run(fmt.Sprintf("%+v", c.o), func(t *testing.T) {
					require.NoError(t, c.Close())
					c.r.t = t
					want := c.seen()
					frames, infos := c.frames()
					require.Len(t, frames, len(want))
					for i := range want {
						c.want(&want[i], frames[i], infos[i])
					}
				})
			}
		})
	}
}

// The stories are about something: the segments that matter are in them.
func TestStories(t *testing.T) {
	var all strings.Builder
	for _, s := range stories {
		r := newRun(t, s.v6)
		s.tell(r)
		for _, k := range r.records {
			fmt.Fprintf(&all, "%d %v %v %v\n", k.Kind, k.Packet.Forged, k.Packet.Copy, k.Packet.Relative())
		}
	}
	for _, want := range []string{
		"S 0:0(0) win 65535 <mss 1000,sackOK,TS val 0 ecr 0,nop,wscale 7>", "sack 1977:2965",
		fmt.Sprintf("\n%d false true", sim.Arrived), fmt.Sprintf("\n%d true false R", sim.Arrived),
		fmt.Sprintf("\n%d false false . 989:", sim.Lost), "(988)", "R. 0:0(0) ack 1",
	} {
		require.True(t, strings.Contains(all.String(), want), "no story has %q", want)
	}
}

// A packet has one identification wherever it is seen, and each host's count
// up by one.
func TestIdentification(t *testing.T) {
	r := newRun(t, false)
	c := r.capture(Options{Format: PCAPNG, Vantage: All, LinkType: RawIP})
	late := r.capture(Options{Vantage: At(r.server.ID()), LinkType: RawIP})
	stories[3].tell(r)
	require.NoError(t, c.Close())
	require.NoError(t, late.Close())
	frames, _ := c.frames()
	sent := map[sim.HostID]uint16{}
	id := map[uint64]uint16{}
	for i, k := range c.seen() {
		h, _, err := wire.Parse(frames[i])
		require.NoError(t, err)
		if k.Kind == sim.Sent {
			require.Equal(t, sent[k.Host]+1, h.ID)
			sent[k.Host] = h.ID
			id[k.Packet.Number] = h.ID
		}
		require.Equal(t, id[k.Packet.Number], h.ID)
	}
	frames, _ = late.frames()
	for i, k := range late.seen() {
		h, _, err := wire.Parse(frames[i])
		require.NoError(t, err)
		require.Equal(t, id[k.Packet.Number], h.ID)
	}
}

// The same run gives the same file.
func TestSameTwice(t *testing.T) {
	play := func() []byte {
		r := newRun(t, false)
		c := r.capture(Options{Format: PCAPNG, Vantage: All, Comments: true})
		stories[3].tell(r)
		require.NoError(t, c.Close())
		return c.Bytes()
	}
	require.True(t, bytes.Equal(play(), play()))
}
