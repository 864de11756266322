package wire

import (
	"net/netip"
	"testing"

	"github.com/tcpsim/tcpsim/fsm"
)

// benchHeader is a segment of an established connection, without options or
// with timestamps.
func benchHeader(v6, timestamps bool) Header {
	h := Header{
		Src: netip.MustParseAddrPort("192.0.2.1:40001"), Dst: netip.MustParseAddrPort("192.0.2.2:80"),
		TTL: DefaultTTL, Seg: fsm.Segment{Seq: 100, Ack: 200, Wnd: 65535, Flags: fsm.ACK | fsm.PSH},
	}
	if v6 {
		h.Src = netip.MustParseAddrPort("[2001:db8::1]:40001")
		h.Dst = netip.MustParseAddrPort("[2001:db8::2]:80")
	}
	if timestamps {
		h.Seg.Options = fsm.Options{Has: fsm.OptTimestamps, TSVal: 1, TSEcr: 2}
	}
	return h
}

var benches = []struct {
	name           string
	v6, timestamps bool
	text           int
}{
	{"IPv4", false, false, 0},
	{"IPv4/512", false, false, 512},
	{"IPv4/timestamps", false, true, 0},
	{"IPv6", true, false, 0},
}

func BenchmarkTemplate(b *testing.B) {
	for _, c := range benches {
		b.Run(c.name, func(b *testing.B) {
			h := benchHeader(c.v6, c.timestamps)
			t, err := NewTemplate(&h)
			if err != nil {
				b.Fatal(err)
			}
			h.Seg.Len = uint16(c.text)
			text, buf := make([]byte, c.text), make([]byte, 0, 2048)
			b.ReportAllocs()
			for b.Loop() {
				h.Seg.Seq++
				buf, _ = t.Append(buf[:0], uint16(h.Seg.Seq), &h.Seg, text)
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, c := range benches {
		b.Run(c.name, func(b *testing.B) {
			h := benchHeader(c.v6, c.timestamps)
			h.Seg.Len = uint16(c.text)
			text, buf := make([]byte, c.text), make([]byte, 0, 2048)
			b.ReportAllocs()
			for b.Loop() {
				h.Seg.Seq++
				buf, _ = Append(buf[:0], &h, text)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, c := range benches {
		b.Run(c.name, func(b *testing.B) {
			h := benchHeader(c.v6, c.timestamps)
			h.Seg.Len = uint16(c.text)
			d, err := Append(nil, &h, make([]byte, c.text))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Parse(d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
