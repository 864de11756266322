package wire

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tcpsim/tcpsim/fsm"
)

var (
	addr4 = netip.MustParseAddrPort("192.0.2.1:40001")
	peer4 = netip.MustParseAddrPort("192.0.2.2:80")
	addr6 = netip.MustParseAddrPort("[2001:db8::1]:40001")
	peer6 = netip.MustParseAddrPort("[2001:db8::2]:80")
)

// RFC 9293 3.1: a SYN, octet by octet.
func TestAppendOctets(t *testing.T) {
	h := Header{Src: addr4, Dst: peer4, TOS: 2, TTL: 64, ID: 0x1234, Seg: fsm.Segment{
		Seq: 0x01020304, Ack: 0x05060708, Wnd: 0x1122, Up: 0x3344, Flags: fsm.SYN | fsm.URG, Len: 3,
		Options: fsm.Options{Has: fsm.OptMSS | fsm.OptWindowScale, MSS: 1460, WScale: 7},
	}}
	got, err := Append([]byte("before"), &h, []byte("abc"))
	require.NoError(t, err)
	require.Equal(t, []byte("before"+
		"\x45\x02\x00\x33\x12\x34\x40\x00\x40\x06\xa4\x8b\xc0\x00\x02\x01\xc0\x00\x02\x02"+
		"\x9c\x41\x00\x50\x01\x02\x03\x04\x05\x06\x07\x08\x70\x22\x11\x22\x4a\x83\x33\x44"+
		"\x02\x04\x05\xb4\x01\x03\x03\x07"+"abc"), got)

	h.Src, h.Dst = addr6, peer6
	got, err = Append(nil, &h, []byte("abc"))
	require.NoError(t, err)
	require.Equal(t, []byte("\x60\x20\x00\x00\x00\x1f\x06\x40"+
		"\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"+
		"\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02"), got[:40])
}

// What Append makes, Parse gives again; a template makes the same octets, and
// refuses the same headers for the same reason.
func TestRoundTrip(t *testing.T) {
	checks(t)
	rapid.Check(t, func(t *rapid.T) {
		h, text := drawHeader(t)
		want, wantErr := Append([]byte("x"), &h, text)

		tp, err := NewTemplate(&Header{Src: netip.AddrPortFrom(h.Src.Addr(), 1), Dst: netip.AddrPortFrom(h.Dst.Addr(), 2), TOS: h.TOS, TTL: h.TTL})
		require.NoError(t, err)
		tp.SetPorts(h.Src.Port(), h.Dst.Port())
		got, err := tp.Append([]byte("x"), h.ID, &h.Seg, text)
		require.Equal(t, want, got)
		require.Equal(t, wantErr, err)
		if err != nil {
			require.Greater(t, h.Seg.OptionOctets(), maxOptions, "only options are drawn that cannot be encoded")
			require.Equal(t, []byte("x"), got)
			return
		}

		back, rest, err := Parse(got[1:])
		require.NoError(t, err)
		h.Seg = canonical(h.Seg)
		require.Equal(t, h, back)
		require.True(t, bytes.Equal(text, rest))
	})
}

// Whatever single octet of a datagram is changed, Parse does not take it for
// the same: a checksum fails, or what was changed shows.
func TestParseNotices(t *testing.T) {
	checks(t)
	rapid.Check(t, func(t *rapid.T) {
		h, text := drawHeader(t)
		d, err := Append(nil, &h, text)
		if err != nil {
			return
		}
		was, _, err := Parse(d)
		require.NoError(t, err)
		at := rapid.IntRange(0, len(d)-1).Draw(t, "octet")
		d[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if h.Src.Addr().Is6() && at < 4 && d[0]>>4 == 6 {
			return // IPv6 has no checksum: traffic class and flow label are nobody's concern
		}
		is, _, err := Parse(d)
		if err == nil {
			require.NotEqual(t, was, is)
		}
	})
}

// Nothing wraps and nothing is cut off.
func TestAppendRefuses(t *testing.T) {
	seg := func(change func(*Header)) Header {
		h := Header{Src: addr4, Dst: peer4, TTL: DefaultTTL}
		change(&h)
		return h
	}
	for _, c := range []struct {
		name string
		h    Header
		text int
		want string
	}{
		{"no source", seg(func(h *Header) { h.Src = netip.AddrPort{} }), 0, "datagram from invalid AddrPort to 192.0.2.2:80 lacks an address"},
		{"mixed", seg(func(h *Header) { h.Dst = peer6 }), 0, "datagram from 192.0.2.1:40001 to [2001:db8::2]:80 mixes IPv4 and IPv6"},
		{"text", seg(func(h *Header) { h.Seg.Len = 5 }), 4, "segment has 5 octets of text, got 4"},
		{"layout", seg(func(h *Header) { h.Seg.Layout = 4 }), 0, "options have layout 4, want 0 to 3"},
		{"options", seg(func(h *Header) { h.Seg.Has, h.Seg.NSack = fsm.OptTimestamps|fsm.OptSACK, 4 }), 0, "options take 48 octets, want at most 40"},
		{"blocks", seg(func(h *Header) { h.Seg.Has, h.Seg.NSack = fsm.OptSACK, 255 }), 0, "options take 2044 octets, want at most 40"},
		{"IPv4 length", seg(func(h *Header) { h.Seg.Len = 65496 }), 65496, "datagram has a length of 65536 octets, want at most 65535"},
		{"IPv6 length", seg(func(h *Header) { h.Src, h.Dst, h.Seg.Len = addr6, peer6, 65516 }), 65516, "datagram has a length of 65536 octets, want at most 65535"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := make([]byte, c.text)
			got, err := Append([]byte("x"), &c.h, text)
			require.EqualError(t, err, c.want)
			require.Equal(t, []byte("x"), got)

			tp, err := NewTemplate(&c.h)
			if err == nil {
				got, err = tp.Append([]byte("x"), 0, &c.h.Seg, text)
				require.Equal(t, []byte("x"), got)
			}
			require.EqualError(t, err, c.want)
		})
	}
}

// The longest datagrams that there are.
func TestLongest(t *testing.T) {
	for _, h := range []Header{{Src: addr4, Dst: peer4}, {Src: addr6, Dst: peer6}} {
		n := maxLength - tcpOctets
		if h.Src == addr4 {
			n -= ip4Octets
		}
		h.Seg.Len = uint16(n)
		text := bytes.Repeat([]byte{0xff}, n)
		d, err := Append(nil, &h, text)
		require.NoError(t, err)
		tp, err := NewTemplate(&h)
		require.NoError(t, err)
		fast, err := tp.Append(nil, 0, &h.Seg, text)
		require.NoError(t, err)
		require.True(t, bytes.Equal(d, fast))
		back, rest, err := Parse(d)
		require.NoError(t, err)
		require.Equal(t, h, back)
		require.True(t, bytes.Equal(text, rest))
	}
}

// A template in use allocates nothing.
func TestTemplateAllocates(t *testing.T) {
	h := Header{Src: addr4, Dst: peer4, TTL: DefaultTTL, Seg: fsm.Segment{Flags: fsm.ACK, Len: 100}}
	h.Seg.Options = fsm.Options{Has: fsm.OptTimestamps | fsm.OptSACK, NSack: 3}
	tp, err := NewTemplate(&h)
	require.NoError(t, err)
	buf, text := make([]byte, 0, 1000), make([]byte, 100)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := tp.Append(buf, 1, &h.Seg, text); err != nil {
			t.Fatal(err)
		}
	}))
}
