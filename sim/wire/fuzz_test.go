package wire

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// Whatever parses and is made again parses to the same. Only options that came
// without padding may then be too long.
func FuzzParse(f *testing.F) {
	for _, v6 := range []bool{false, true} {
		for _, timestamps := range []bool{false, true} {
			h := benchHeader(v6, timestamps)
			h.Seg.Len = 5
			d, err := Append(nil, &h, []byte("hello"))
			require.NoError(f, err)
			f.Add(d)
		}
	}
	f.Fuzz(func(t *testing.T, d []byte) {
		h, text, err := Parse(repaired(d))
		if err != nil {
			require.Less(t, len(err.Error()), 200)
			return
		}
		require.Len(t, text, int(h.Seg.Len))
		again, err := Append(nil, &h, text)
		if err != nil {
			require.True(t, h.Seg.OptionOctets() > maxOptions || len(d) > maxLength-2*maxOptions, "%v", err)
			return
		}
		h2, text2, err := Parse(again)
		require.NoError(t, err)
		require.Equal(t, h, h2)
		require.Equal(t, string(text), string(text2))
	})
}

// repaired gives a copy with the checksums that the octets should have, so that
// the fuzzer gets past them.
func repaired(d []byte) []byte {
	be := binary.BigEndian
	d = bytes.Clone(d)
	var addrs []byte
	var ip, end int
	switch {
	case len(d) >= ip6Octets && d[0]>>4 == 6:
		addrs, ip = d[8:40], ip6Octets
		end = ip + int(be.Uint16(d[4:]))
	case len(d) >= ip4Octets && d[0]>>4 == 4:
		addrs, ip = d[12:20], int(d[0]&15)*4
		end = int(be.Uint16(d[2:]))
		if ip >= ip4Octets && ip <= len(d) {
			be.PutUint16(d[10:], 0)
			be.PutUint16(d[10:], ^fold(sum(d[:ip])))
		}
	}
	if end >= ip+tcpOctets && end <= len(d) {
		be.PutUint16(d[ip+16:], 0)
		be.PutUint16(d[ip+16:], ^fold(pseudo(addrs)+uint64(end-ip)+sum(d[ip:end])))
	}
	return d
}

// The same for options alone.
func FuzzParseOptions(f *testing.F) {
	for _, o := range []fsm.Options{
		{Has: fsm.OptMSS | fsm.OptSACKPermitted | fsm.OptTimestamps | fsm.OptWindowScale, MSS: 1460, WScale: 7},
		{Has: fsm.OptMSS | fsm.OptSACKPermitted | fsm.OptWindowScale, MSS: 1460, WScale: 7, Layout: fsm.LayoutBSD},
		{Has: fsm.OptTimestamps | fsm.OptSACK, NSack: 3, TSVal: 1},
	} {
		f.Add(appendOptions(nil, &o))
	}
	f.Add([]byte("\xfe\x04ab\x02\x02\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := ParseOptions(b)
		if err != nil {
			require.IsType(t, &OptionError{}, err)
			return
		}
		if len(b) <= maxOptions && len(b)%4 == 0 && o.OptionOctets() > maxOptions {
			require.NotZero(t, o.Has&fsm.OptSACK, "only blocks can be too many")
		}
		again, err := ParseOptions(appendOptions(nil, &o))
		require.NoError(t, err)
		require.Equal(t, o, again)
	})
}
