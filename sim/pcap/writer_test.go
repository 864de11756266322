package pcap

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/google/gopacket/pcapgo"
	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

func TestNewRefuses(t *testing.T) {
	r := newRun(t, false)
	for want, o := range map[string]Options{
		"unknown format 2":                                     {Format: 2},
		"unknown link type 2":                                  {LinkType: 2},
		"no host has the vantage 3, want 1 to 2":               {Vantage: At(2)},
		"no host has the vantage -2, want 1 to 2":              {Vantage: -2},
		"a pcap file has one interface, all hosts want pcapng": {Vantage: All},
		"a pcap file has no comments, they want pcapng":        {Comments: true},
	} {
		_, err := New(r.net, io.Discard, o)
		require.EqualError(t, err, want)
	}
}

// What a pcapng file says of the run, as gopacket reads it.
func TestSection(t *testing.T) {
	r := newRun(t, false)
	c := r.capture(Options{Format: PCAPNG, Vantage: All, Scenario: "four-way-close", Seed: 7, Version: "1.2"})
	require.NoError(t, c.Close())
	names := blocks(t, c.Bytes())[3]
	rd, err := pcapgo.NewNgReader(&c.Buffer, pcapgo.DefaultNgReaderOptions)
	require.NoError(t, err)
	_, _, err = rd.ReadPacketData()
	require.Equal(t, io.EOF, err)
	require.Equal(t, "tcpsim 1.2", rd.SectionInfo().Application)
	require.Equal(t, "scenario four-way-close, profile rfc9293, seed 7", rd.SectionInfo().Comment)
	require.Equal(t, 2, rd.NInterfaces())
	for i, name := range []string{"client", "server"} {
		k, err := rd.Interface(i)
		require.NoError(t, err)
		require.Equal(t, name, k.Name)
		require.Equal(t, "host "+name+", profile rfc9293, 192.0.2."+string(rune('1'+i)), k.Description)
		require.EqualValues(t, 9, k.TimestampResolution)
		require.EqualValues(t, snapLength, k.SnapLength)
	}
	require.EqualValues(t, blockNames, names.kind)
	require.Equal(t, []option{
		{nameIPv4, "\xc0\x00\x02\x01client\x00"}, {nameIPv4, "\xc0\x00\x02\x02server\x00"},
	}, names.options(t, 0))
}

// One vantage is one interface; profiles that differ are told apart; a run may
// have no name.
func TestSectionOfOne(t *testing.T) {
	r := newRun(t, true)
	r.server.System().TCP.Name = "other"
	for want, v := range map[string]Vantage{
		"the link, each packet once":              Link,
		"host server, profile other, 2001:db8::2": At(1),
	} {
		c := r.capture(Options{Format: PCAPNG, Vantage: v})
		require.NoError(t, c.Close())
		rd, err := pcapgo.NewNgReader(&c.Buffer, pcapgo.DefaultNgReaderOptions)
		require.NoError(t, err)
		require.Equal(t, "tcpsim", rd.SectionInfo().Application)
		require.Equal(t, "profile rfc9293 on client, profile other on server, seed 0", rd.SectionInfo().Comment)
		require.Equal(t, 1, rd.NInterfaces())
		k, err := rd.Interface(0)
		require.NoError(t, err)
		require.Equal(t, want, k.Description)
	}
}

// A host that comes late has an interface, a name and an address all the same,
// from the first packet on that has to do with it.
func TestLateHost(t *testing.T) {
	for _, comments := range []bool{false, true} {
		r := newRun(t, false)
		c := r.capture(Options{Format: PCAPNG, Vantage: All, Comments: comments})
		late := r.net.AddHost("late", sim.RFC9293(), netip.MustParseAddr("192.0.2.3"))
		call(r.client, sim.Call{Op: sim.OpSocket})
		call(r.client, sim.Call{Op: sim.OpConnect, FD: 3, Addr: sim.Endpoint{Addr: late.Addrs()[0], Port: 80}})
		r.pass(time.Second)
		require.NoError(t, c.Close())
		if comments {
			require.Equal(t, "[late] late CLOSED, closed-reset, RFC 9293 3.10.7.1", c.comments()[1])
		}
		all := blocks(t, c.Bytes())
		require.Equal(t, optDescription, int(all[4].options(t, 8)[1].code))
		require.Equal(t, "host late, profile rfc9293, 192.0.2.3", all[4].options(t, 8)[1].value)
		require.Equal(t, []option{{nameIPv4, "\xc0\x00\x02\x03late\x00"}}, all[5].options(t, 0))
		frames, infos := c.frames()
		require.Len(t, frames, 4)
		for i, k := range c.seen() {
			c.want(&k, frames[i], infos[i])
		}
	}
}

// short is a file that takes so many octets and no more.
type short struct {
	bytes.Buffer
	room int
	err  error
}

func (s *short) Write(p []byte) (int, error) {
	n := min(s.room, len(p))
	s.room -= n
	s.Buffer.Write(p[:n])
	if n < len(p) {
		return n, s.err
	}
	return n, nil
}

// The first error ends the writing, and Close tells of it, as often as it is
// called. What was written before is whole.
func TestWriteError(t *testing.T) {
	full := errors.New("no space left on device")
	for _, c := range []struct{ is, want error }{{full, full}, {nil, io.ErrShortWrite}} {
		tr := newTraffic(1000)
		out := &short{room: 100_000, err: c.is}
		w, err := New(tr.net, out, Options{})
		require.NoError(t, err)
		n := 0
		for ; n < 1000; n++ {
			w.Record(tr.packet(n))
		}
		require.Len(t, out.Bytes(), 100_000)
		out.room = 1 << 20
		require.Equal(t, c.want, w.Close())
		require.Equal(t, c.want, w.Close())
		w.Record(tr.packet(n))
		require.Len(t, out.Bytes(), 100_000, "nothing is written behind the gap")

		rd, err := pcapgo.NewReader(&out.Buffer)
		require.NoError(t, err)
		read := 0
		for err = nil; err == nil; read++ {
			_, _, err = rd.ReadPacketData()
		}
		require.Greater(t, read, 90)
	}
}

// Each write ends at the end of a packet.
func TestWriteWhole(t *testing.T) {
	tr := newTraffic(1000)
	var out pieces
	w, err := New(tr.net, &out, Options{})
	require.NoError(t, err)
	for n := range 200 {
		w.Record(tr.packet(n))
	}
	require.NoError(t, w.Close())
	const record = pcapRecord + ethernetOctets + 40 + 1000
	require.Greater(t, len(out), 2)
	total := -24
	for _, n := range out {
		total += n
		require.Zero(t, total%record)
	}
	require.Equal(t, 200*record, total)
}

// pieces notes the lengths of what is written.
type pieces []int

func (p *pieces) Write(b []byte) (int, error) {
	*p = append(*p, len(b))
	return len(b), nil
}

// What cannot be a datagram ends the capture; the packets before it are there.
func TestPacketError(t *testing.T) {
	for want, change := range map[string]func(*sim.Packet){
		"packet 1 at 0.000001: datagram from 192.0.2.1:10001 to [2001:db8::1]:80 mixes IPv4 and IPv6": func(k *sim.Packet) { k.To.Addr = 3 },
		"packet 1 at 0.000001: options take 48 octets, want at most 40": func(k *sim.Packet) {
			k.Seg.Has, k.Seg.NSack = fsm.OptSACK|fsm.OptTimestamps, 4
		},
		"packet 1 at 0.000001: datagram has a length of 65575 octets, want at most 65535": func(k *sim.Packet) { k.Seg.Len = 65535 },
	} {
		for _, comments := range []bool{false, true} {
			tr := newTraffic(0)
			require.EqualValues(t, 3, tr.net.AddrID(netip.MustParseAddr("2001:db8::1")))
			var out pieces
			w, err := New(tr.net, &out, Options{Format: PCAPNG, Comments: comments})
			require.NoError(t, err)
			w.Record(tr.packet(0))
			bad := tr.packet(1)
			change(&bad.Packet)
			w.Record(bad)
			w.Record(tr.packet(2))
			require.EqualError(t, w.Close(), want)
			require.Len(t, out, 1)
		}
	}
}

// The seconds of a pcap file are 32 bits wide. Those of pcapng are not.
func TestTime(t *testing.T) {
	last := fsm.Time(1<<32-1-Epoch)*fsm.Time(time.Second) + 999_999_999
	for _, c := range []struct {
		format Format
		at     fsm.Time
		want   string
	}{
		{PCAP, 0, ""},
		{PCAP, 1_999_999_999, ""},
		{PCAP, last, ""},
		{PCAP, last + 1, "packet 0 at 3348282496.000000: a pcap file ends in the year 2106, use pcapng"},
		{PCAPNG, last + 1, ""},
		{PCAPNG, fsm.Never - 1, ""},
	} {
		tr := newTraffic(0)
		out := &capture{o: Options{Format: c.format}, r: &run{t: t}}
		w, err := New(tr.net, out, out.o)
		require.NoError(t, err)
		k := tr.packet(0)
		k.At = c.at
		w.Record(k)
		if c.want != "" {
			require.EqualError(t, w.Close(), c.want)
			continue
		}
		require.NoError(t, w.Close())
		_, infos := out.frames()
		seconds, rest := int64(c.at)/1e9, int64(c.at)%1e9
		require.Equal(t, time.Unix(Epoch+seconds, rest).UTC(), infos[0].Timestamp.UTC())
	}
}

// In use a Writer allocates nothing, whatever it writes.
func TestAllocates(t *testing.T) {
	for _, o := range []Options{{}, {Format: PCAPNG}, {Format: PCAPNG, Vantage: All, LinkType: RawIP}, {Format: PCAPNG, Comments: true}} {
		tr := newTraffic(512)
		w, err := New(tr.net, io.Discard, o)
		require.NoError(t, err)
		n := 0
		write := func() {
			for range 1000 {
				w.Record(tr.packet(n))
				n++
			}
		}
		write()
		require.Zero(t, testing.AllocsPerRun(10, write), "%+v", o)
	}
}

// Nor does a Writer grow with the number of addresses, as in a flood of SYNs
// from everywhere.
func TestAllocatesFlood(t *testing.T) {
	tr := newTraffic(0)
	for i := range 1000 {
		tr.net.AddrID(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}))
	}
	w, err := New(tr.net, io.Discard, Options{})
	require.NoError(t, err)
	n := 0
	write := func() {
		for range 2000 {
			k := tr.packet(n)
			k.Packet.From.Addr = 3 + sim.AddrID(n%1000)
			w.Record(k)
			n++
		}
	}
	write()
	require.Zero(t, testing.AllocsPerRun(10, write))
	require.NoError(t, w.Close())
}
