package pcap

import (
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/wire"
)

// seesAdvice reports whether an ICMP message that reaches a host is seen. Nobody sends
// one: the script does.
func (w *Writer) seesAdvice(r *sim.Record) bool {
	if len(w.net.Hosts()) > len(w.hosts) {
		w.meet()
	}
	return w.o.Vantage == Link || w.o.Vantage == All || w.o.Vantage == At(r.Host)
}

// writeAdvice writes an ICMP message about a packet, as if from where that went.
func (w *Writer) writeAdvice(at fsm.Time, h sim.HostID, quoted *sim.Packet, a *sim.Advice, comment []byte) {
	k := &sim.Packet{From: quoted.To, To: quoted.From}
	p := w.path(k)
	if p.err != nil {
		w.fail(at, k, p.err)
		return
	}
	w.forged++
	head := pcapRecord
	if w.o.Format == PCAPNG {
		head = packetBlock
	}
	start := len(w.buf)
	b := slices.Grow(w.buf, packetBlock+ethernetOctets)[:start+head]
	if w.o.LinkType == Ethernet {
		b = append(b, p.frame[:]...)
	}
	b, err := wire.AppendICMP(b, &wire.Message{
		Type: a.Type, Code: a.Code, MTU: a.MTU,
		Quoted: wire.Header{
			Src: w.net.AddrPort(quoted.From), Dst: w.net.AddrPort(quoted.To), TTL: wire.DefaultTTL, ID: w.forged, Seg: quoted.Seg,
		},
	})
	if err == nil {
		if w.o.Format == PCAPNG {
			b = w.endPacketBlock(b, start, at, h, comment)
		} else {
			err = putPcapRecord(b[start:], at)
		}
	}
	if err != nil {
		w.fail(at, k, err)
		return
	}
	w.buf = b
}
