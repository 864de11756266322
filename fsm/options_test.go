package fsm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The orders in which stacks write their options, with their padding (RFC 7323 A,
// RFC 2018 3).
func TestOptionLayouts(t *testing.T) {
	const synAll = OptMSS | OptWindowScale | OptSACKPermitted | OptTimestamps
	for _, x := range []struct {
		layout Layout
		has    OptionSet
		blocks uint8
		want   string
	}{
		{LayoutRFC, OptMSS, 0, "mss"},
		{LayoutRFC, synAll, 0, "mss,sackOK,TS,nop,wscale"},
		{LayoutRFC, OptMSS | OptSACKPermitted, 0, "mss,nop,nop,sackOK"},
		{LayoutRFC, OptMSS | OptSACKPermitted | OptWindowScale, 0, "mss,nop,nop,sackOK,nop,wscale"},
		{LayoutRFC, OptMSS | OptTimestamps, 0, "mss,nop,nop,TS"},
		{LayoutRFC, OptMSS | OptTimestamps | OptWindowScale, 0, "mss,nop,nop,TS,nop,wscale"},
		{LayoutRFC, OptMSS | OptWindowScale, 0, "mss,nop,wscale"},
		{LayoutRFC, OptTimestamps, 0, "nop,nop,TS"},
		{LayoutRFC, OptSACK, 1, "nop,nop,sack"},
		{LayoutRFC, OptTimestamps | OptSACK, 3, "nop,nop,TS,nop,nop,sack"},
		{LayoutBSD, synAll, 0, "mss,nop,wscale,sackOK,TS"},
		{LayoutBSD, OptMSS | OptSACKPermitted, 0, "mss,sackOK,eol,eol"},
		{LayoutBSD, OptMSS | OptWindowScale | OptSACKPermitted, 0, "mss,nop,wscale,sackOK,eol,eol"},
		{LayoutBSD, OptMSS | OptTimestamps, 0, "mss,nop,nop,TS"},
		{LayoutBSD, OptTimestamps, 0, "nop,nop,TS"},
		{LayoutBSD, OptTimestamps | OptSACK, 2, "nop,nop,TS,nop,nop,sack"},
		{LayoutRFC, 0, 0, ""},
	} {
		o := Options{Has: x.has, Layout: x.layout, NSack: x.blocks}
		require.Equal(t, x.want, optionNames(&o), "%b", x.has)
	}
}

// optionNames lists the kinds of options as they are written, without values.
func optionNames(o *Options) string {
	var names []string
	for _, k := range o.Kinds(nil) {
		names = append(names, strings.Fields(o.Word(k))[0])
	}
	return strings.Join(names, ",")
}

// RFC 9293 3.1: the header is a multiple of 32 bits; MUST-69 and RFC 2018 3: its
// options take 40 octets at most.
func TestOptionsFillWords(t *testing.T) {
	for has := range OptionSet(32) {
		for layout := LayoutRFC; layout <= LayoutBSD; layout++ {
			syn := has&(OptMSS|OptWindowScale|OptSACKPermitted) != 0
			if syn && has&OptSACK != 0 {
				continue // SACK blocks are for segments without SYN
			}
			o := Options{Has: has, Layout: layout}
			if has&OptSACK != 0 {
				o.NSack = MaxSACKBlocks
				if has&OptTimestamps != 0 {
					o.NSack--
				}
			}
			n := o.OptionOctets()
			require.Zero(t, n%4, "%v", optionNames(&o))
			require.LessOrEqual(t, n, 40, "%v", optionNames(&o))
			seen := OptionSet(0)
			for _, k := range o.Kinds(nil) {
				if k > KindNOP {
					require.Zero(t, seen&kindSet[k], "twice")
					seen |= kindSet[k]
				}
			}
			require.Equal(t, has, seen, "each option once")
		}
	}
}

// The octets of each option, its kind and length included (RFC 9293 3.1, RFC
// 7323 2.2 and 3.2, RFC 2018 2 and 3).
func TestOptionSizes(t *testing.T) {
	o := Options{NSack: 2}
	for k, want := range map[OptionKind]int{
		KindEOL: 1, KindNOP: 1, KindMSS: 4, KindWindowScale: 3, KindSACKPermitted: 2, KindSACK: 18, KindTimestamps: 10, 77: 0,
	} {
		require.Equal(t, want, o.size(k), "kind %d", k)
	}
}

// Scripts write options with their values.
func TestOptionWords(t *testing.T) {
	s := Segment{Flags: SYN}
	s.Options = Options{
		Has: OptMSS | OptWindowScale | OptSACKPermitted | OptTimestamps, MSS: 1460, WScale: 7, TSVal: 100, TSEcr: 0,
	}
	require.Equal(t, "S 0:0(0) win 0 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>", s.String())
	s = reporting(ack(1, 1), Range{101, 201}, Range{301, 401})
	require.Equal(t, ". 1:1(0) ack 1 win 0 <nop,nop,sack 101:201 301:401>", s.String())
	o := Options{Has: OptMSS | OptSACKPermitted, Layout: LayoutBSD}
	require.Equal(t, "mss 0,sackOK,eol,eol", o.String())
	require.Equal(t, fmt.Sprintf("kind %d", 77), o.Word(77))
}

// A profile's layout is that of every segment it sends with options.
func TestLayoutSent(t *testing.T) {
	tc := newTestConn(t, Closed, with(Timestamps|SACK|WindowScale), change(func(p *Profile) { p.Layout = LayoutBSD }))
	tc.anyRule()
	tc.call(ActiveOpen(tc.iss))
	require.Equal(t, "mss,nop,wscale,sackOK,TS", optionNames(&tc.last.Options))
	tc.forget()
}
