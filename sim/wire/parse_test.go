package wire

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// datagram makes one with a SYN's options and text, changes it, and makes the
// checksums right again if it still can.
func datagram(t *testing.T, v6 bool, change func([]byte) []byte) []byte {
	t.Helper()
	h := Header{Src: addr4, Dst: peer4, TTL: DefaultTTL, Seg: fsm.Segment{
		Seq: 1, Ack: 2, Flags: fsm.SYN | fsm.ACK, Len: 5,
		Options: fsm.Options{Has: fsm.OptMSS | fsm.OptWindowScale, MSS: 1460, WScale: 7},
	}}
	ip := ip4Octets
	if v6 {
		h.Src, h.Dst, ip = addr6, peer6, ip6Octets
	}
	b, err := Append(nil, &h, []byte("hello"))
	require.NoError(t, err)
	b = change(b)
	if len(b) < ip+tcpOctets {
		return b
	}
	addrs := b[8:40]
	if !v6 {
		addrs = b[12:20]
		clear(b[10:12])
		binary.BigEndian.PutUint16(b[10:], ^fold(sum(b[:ip])))
	}
	clear(b[ip+16 : ip+18])
	binary.BigEndian.PutUint16(b[ip+16:], ^fold(pseudo(addrs)+uint64(len(b)-ip)+sum(b[ip:])))
	return b
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		v6     bool
		change func([]byte) []byte
		want   string
	}{
		{"empty", false, func([]byte) []byte { return nil }, "datagram is empty"},
		{"version", false, func(b []byte) []byte { b[0] = 0x55; return b }, "datagram has version 5, want 4 or 6"},
		{"IPv4 short", false, func(b []byte) []byte { return b[:19] }, "IPv4 header has 19 octets, want at least 20"},
		{"IPv4 header length", false, func(b []byte) []byte { b[0] = 0x44; return b }, "IPv4 header has a length of 16 octets, want at least 20"},
		{"IPv4 total length", false, func(b []byte) []byte { b[3] = 19; return b }, "datagram has a total length of 19 octets, want at least 20"},
		{"IPv4 cut off", false, func(b []byte) []byte { return b[:52] }, "datagram of 53 octets ends after 52"},
		{"fragment", false, func(b []byte) []byte { b[6], b[7] = 0x20, 3; return b }, "datagram is a fragment, at octet 24"},
		{"IPv4 protocol", false, func(b []byte) []byte { b[9] = 17; return b }, "datagram has protocol 17, want 6, TCP"},
		{"IPv6 short", true, func(b []byte) []byte { return b[:39] }, "IPv6 header has 39 octets, want 40"},
		{"IPv6 cut off", true, func(b []byte) []byte { return b[:72] }, "datagram of 73 octets ends after 72"},
		{"IPv6 next header", true, func(b []byte) []byte { b[6] = 0; return b }, "datagram has next header 0, want 6, TCP"},
		{"TCP short", true, func(b []byte) []byte { b[5] = 19; return b[:59] }, "TCP header has 19 octets, want at least 20"},
		{"TCP offset small", false, func(b []byte) []byte { b[32] = 0x40; return b }, "TCP header has a data offset of 16 octets, want 20 to 33"},
		{"TCP offset large", false, func(b []byte) []byte { b[32] = 0xf0; return b }, "TCP header has a data offset of 60 octets, want 20 to 33"},
		{"option", false, func(b []byte) []byte { b[46] = 4; return b }, "option at octet 5: kind 3 has length 4, want 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := Parse(datagram(t, c.v6, c.change))
			require.EqualError(t, err, c.want)
		})
	}
	t.Run("IPv4 checksum", func(t *testing.T) {
		b := datagram(t, false, func(b []byte) []byte { return b })
		b[8]--
		_, _, err := Parse(b)
		require.EqualError(t, err, "IPv4 checksum is 0xb6bf, want 0xb7bf")
	})
	t.Run("TCP checksum", func(t *testing.T) {
		b := datagram(t, false, func(b []byte) []byte { return b })
		b[52]++
		_, _, err := Parse(b)
		require.EqualError(t, err, "TCP checksum is 0x1f99, want 0x1e99")
	})
}

// What stands outside of the datagram, or is of no concern to TCP, is no error.
func TestParseTakes(t *testing.T) {
	plain := func(b []byte) []byte { return b }
	want, text, err := Parse(datagram(t, false, plain))
	require.NoError(t, err)
	require.Equal(t, "hello", string(text))
	for name, b := range map[string][]byte{
		"Ethernet padding": append(datagram(t, false, plain), 0, 0, 0, 0),
		"no DF":            datagram(t, false, func(b []byte) []byte { b[6] = 0; return b }),
		"reserved bits":    datagram(t, false, func(b []byte) []byte { b[32] |= 0xf; return b }),
	} {
		t.Run(name, func(t *testing.T) {
			h, text, err := Parse(b)
			require.NoError(t, err)
			require.Equal(t, want, h)
			require.Equal(t, "hello", string(text))
		})
	}
	t.Run("IPv4 options", func(t *testing.T) {
		b := append([]byte("\x46"), datagram(t, false, plain)[1:ip4Octets]...)
		b[3] += 4
		b = append(b, 1, 1, 1, 0)
		b = append(b, datagram(t, false, plain)[ip4Octets:]...)
		clear(b[10:12])
		binary.BigEndian.PutUint16(b[10:], ^fold(sum(b[:24])))
		h, _, err := Parse(b)
		require.NoError(t, err)
		require.Equal(t, want, h)
	})
	t.Run("flow label", func(t *testing.T) {
		h, _, err := Parse(datagram(t, true, func(b []byte) []byte { b[1], b[2], b[3] = 0x2a, 0xbc, 0xde; return b }))
		require.NoError(t, err)
		require.EqualValues(t, 2, h.TOS)
		require.Equal(t, addr6, h.Src)
	})
}

func TestParseOptions(t *testing.T) {
	for _, c := range []struct {
		octets string
		want   fsm.Options
	}{
		{"", fsm.Options{}},
		{"\x01\x01\x01\x01", fsm.Options{}},
		{"\x02\x04\x05\xb4", fsm.Options{Has: fsm.OptMSS, MSS: 1460}},
		// The layouts: NOPs in front, or EOLs behind.
		{"\x01\x01\x04\x02", fsm.Options{Has: fsm.OptSACKPermitted}},
		{"\x04\x02\x00\x00", fsm.Options{Has: fsm.OptSACKPermitted, Layout: fsm.LayoutBSD}},
		// Nothing behind an EOL counts, not even what would be illegal.
		{"\x00\x02\x00\xff", fsm.Options{}},
		{"\x04\x02\x00\xff", fsm.Options{Has: fsm.OptSACKPermitted}},
		// RFC 9293 MUST-6: unknown options, with and without a value.
		{"\xfe\x06abcd\x22\x02\x03\x03\x09\x00", fsm.Options{Has: fsm.OptWindowScale, WScale: 9}},
		// The last of two counts, and leaves nothing of the first.
		{
			"\x05\x12\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x04" +
				"\x05\x0a\x00\x00\x00\x05\x00\x00\x00\x06",
			fsm.Options{Has: fsm.OptSACK, NSack: 1, Sack: [fsm.MaxSACKBlocks]fsm.Block{{Lo: 5, Hi: 6}}},
		},
	} {
		got, err := ParseOptions([]byte(c.octets))
		require.NoError(t, err, "%x", c.octets)
		require.Equal(t, c.want, got, "%x", c.octets)
	}
}

// RFC 9293 MUST-7: an illegal length is told, with its place.
func TestParseOptionsIllegal(t *testing.T) {
	for octets, want := range map[string]string{
		"\x01\x02":                 "option at octet 1: kind 2 has no length",
		"\xfe\x00":                 "option at octet 0: kind 254 has length 0, want at least 2",
		"\x01\x01\x01\xfe\x01":     "option at octet 3: kind 254 has length 1, want at least 2",
		"\x02\x04\x01":             "option at octet 0: kind 2 has length 4, want at most 3",
		"\x02\x03\x01\x00":         "option at octet 0: kind 2 has length 3, want 4",
		"\x03\x02\x00\x00":         "option at octet 0: kind 3 has length 2, want 3",
		"\x04\x03\x00\x00":         "option at octet 0: kind 4 has length 3, want 2",
		"\x05\x06\x00\x00\x00\x00": "option at octet 0: kind 5 has length 6, want 2, 10, 18, 26 or 34",
		"\x08\x04\x00\x00":         "option at octet 0: kind 8 has length 4, want 10",
		"\x02\x04\x05\xb4\x08\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00": "option at octet 4: kind 8 has length 11, want 10",
	} {
		_, err := ParseOptions([]byte(octets))
		require.EqualError(t, err, want)
		var e *OptionError
		require.True(t, errors.As(err, &e))
	}

	// Who wants to reset the connection finds the numbers to do it with.
	h, text, err := Parse(datagram(t, false, func(b []byte) []byte { b[41] = 0; return b }))
	require.EqualError(t, err, "option at octet 0: kind 2 has length 0, want at least 2")
	require.Equal(t, addr4, h.Src)
	require.Equal(t, fsm.Segment{Seq: 1, Ack: 2, Flags: fsm.SYN | fsm.ACK, Len: 5}, h.Seg)
	require.Equal(t, "hello", string(text))
}
