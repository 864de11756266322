package pcap

import (
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/sim"
)

// An ICMP message is in the captures of the host that it reaches, from where the quoted
// segment went to, with what it did as its comment.
func TestICMP(t *testing.T) {
	for _, v6 := range []bool{false, true} {
		r := newRun(t, v6)
		plain, all := r.capture(Options{Vantage: At(0)}), r.capture(Options{Format: PCAPNG, Vantage: All, Comments: true})
		elsewhere := r.capture(Options{Vantage: At(1)})
		r.open()
		a, ok := sim.FindICMP("unreachable", "port_unreachable", v6)
		require.True(t, ok)
		var sent sim.Packet
		for _, rec := range r.records {
			if rec.Kind == sim.Sent && rec.Host == r.client.ID() {
				sent = rec.Packet
			}
		}
		a.Quoted = sim.Packet{From: sent.From, To: sent.To, SeqBase: sent.SeqBase}
		a.Quoted.Seg.Seq = sent.Seg.Seq + 1000
		r.net.Advise(&a)
		r.pass(time.Second)
		for _, c := range []*capture{plain, all, elsewhere} {
			require.NoError(t, c.Close())
		}
		text := all.Buffer.String()
		for _, c := range []*capture{plain, all} {
			frames, _ := c.frames()
			p := gopacket.NewPacket(frames[len(frames)-1], layers.LinkTypeEthernet, gopacket.Default)
			require.Nil(t, p.ErrorLayer())
			require.Equal(t, r.net.AddrPort(sent.To).Addr().AsSlice(), p.NetworkLayer().NetworkFlow().Src().Raw())
			if v6 {
				require.NotNil(t, p.Layer(layers.LayerTypeICMPv6))
			} else {
				require.NotNil(t, p.Layer(layers.LayerTypeICMPv4))
			}
		}
		require.Contains(t, text, "forged\nclient ESTABLISHED, icmp-not-in-flight, RFC 5927 4.1")
		frames, _ := elsewhere.frames()
		for _, f := range frames {
			require.NotNil(t, gopacket.NewPacket(f, layers.LinkTypeEthernet, gopacket.Default).Layer(layers.LayerTypeTCP))
		}
	}
}
