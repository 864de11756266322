package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// sacked gives the ranges that an end remembers, relative.
func (tc *testConn) sackedRanges() []Range {
	var got []Range
	for _, r := range tc.c.Sacked[:tc.tcb.sacked] {
		got = append(got, Range{r.Lo - tc.iss, r.Hi - tc.iss})
	}
	return got
}

// RFC 2018 5: blocks are remembered, in order and joined; what lies outside the
// text that is sent and not acknowledged is passed over, a D-SACK (RFC 2883 4)
// among it.
func TestSackArrived(t *testing.T) {
	tc := newSender(t, sack)
	tc.call(Send(1000))
	for _, x := range []struct {
		blocks, want []Range
	}{
		{[]Range{{501, 601}}, []Range{{501, 601}}},
		{[]Range{{201, 301}}, []Range{{201, 301}, {501, 601}}},
		{[]Range{{701, 801}, {401, 451}}, []Range{{201, 301}, {401, 451}, {501, 601}, {701, 801}}},
		{[]Range{{451, 501}}, []Range{{201, 301}, {401, 601}, {701, 801}}},  // joins two
		{[]Range{{151, 301}}, []Range{{151, 301}, {401, 601}, {701, 801}}},  // overlaps
		{[]Range{{901, 1002}}, []Range{{151, 301}, {401, 601}, {701, 801}}}, // beyond SND.NXT
		{[]Range{{901, 901}}, []Range{{151, 301}, {401, 601}, {701, 801}}},  // empty
		{[]Range{{801, 701}}, []Range{{151, 301}, {401, 601}, {701, 801}}},  // upside down
		{[]Range{{1, 101}}, []Range{{151, 301}, {401, 601}, {701, 801}}},    // at SND.UNA: a contradiction
		{[]Range{{1<<32 - 50, 1}}, []Range{{151, 301}, {401, 601}, {701, 801}}},
	} {
		tc.hear(reporting(ack(1, 1), x.blocks...))
		require.Equal(t, x.want, tc.sackedRanges(), "%v", x.blocks)
	}
	tc.hear(ack(1, 451)) // SND.UNA reaches into a range
	require.Equal(t, []Range{{451, 601}, {701, 801}}, tc.sackedRanges())
	tc.hear(ack(1, 701))
	require.Equal(t, []Range{{701, 801}}, tc.sackedRanges())
	tc.hear(ack(1, 1001))
	require.Empty(t, tc.sackedRanges())
	tc.forget()
}

// RFC 2018 5: a block half the sequence space away lies neither before nor behind
// SND.NXT: comparisons mean nothing there (RFC 9293 3.4), and it is passed over.
func TestSackFarAway(t *testing.T) {
	tc := newSender(t, sack)
	tc.call(Send(1000))
	tc.hear(reporting(ack(1, 1), Range{1<<31 + 1, 1<<31 + 1100}))
	require.Empty(t, tc.sackedRanges())
	tc.forget()
}

// Limits: of five ranges the highest is forgotten.
func TestSackNoRoom(t *testing.T) {
	tc := newSender(t, sack)
	tc.call(Send(1000))
	tc.hear(reporting(ack(1, 1), Range{801, 901}, Range{601, 701}, Range{401, 501}, Range{201, 301}))
	tc.hear(reporting(ack(1, 1), Range{101, 151}))
	require.Equal(t, []Range{{101, 151}, {201, 301}, {401, 501}, {601, 701}}, tc.sackedRanges())
	tc.forget()
}

// RFC 2018 5: without SACK-permitted on both SYNs the option says nothing.
func TestSackNotNegotiated(t *testing.T) {
	tc := newSender(t)
	tc.call(Send(1000))
	tc.hear(reporting(ack(1, 1), Range{501, 601}))
	require.Empty(t, tc.sackedRanges())
	tc.forget()
}

// RFC 2018 5, RFC 6675 5: in fast recovery only what the peer has not reported
// goes again; cwnd is ssthresh, and the pipe is counted.
func TestSackRecovery(t *testing.T) {
	tc := newSender(t, sack)
	tc.call(Send(1000))
	tc.forget()
	// 1 and 301 are lost.
	tc.hear(reporting(ack(1, 1), Range{101, 201}))
	tc.hear(reporting(ack(1, 1), Range{101, 301}))
	tc.wantNoneSent()
	tc.hear(reporting(ack(1, 1), Range{401, 501}, Range{101, 301}))
	tc.wantSent(more(1, 100, 1))
	tc.wantCwnd(500, 500)
	tc.hear(reporting(ack(1, 1), Range{401, 601}, Range{101, 301}))
	tc.wantNoneSent() // 100 of the repeat and 400 beyond 601 are in the pipe
	tc.hear(reporting(ack(1, 1), Range{401, 701}, Range{101, 301}))
	tc.wantSent(more(301, 100, 1))
	tc.hear(reporting(ack(1, 301), Range{401, 801}))
	tc.wantNoneSent() // there is nothing new to send
	tc.hear(ack(1, 1001))
	require.False(t, tc.tcb.is(flagRecovery))
	tc.forget()
}

// RFC 2018 5 and 8: after a timeout what was reported counts no more, and the
// segment at the left edge goes again.
func TestSackTimeout(t *testing.T) {
	tc := newSender(t, sack)
	tc.call(Send(1000))
	tc.hear(reporting(ack(1, 1), Range{501, 1001}))
	tc.forget()
	tc.until()
	require.Empty(t, tc.sackedRanges())
	tc.wantSent(more(1, 100, 1))
	tc.forget()
}

// RFC 6675 2, RFC 5681 2: an ACK that reports something new is a duplicate,
// whatever its window; one that reports nothing new is none.
func TestSackDuplicate(t *testing.T) {
	tc := newSender(t, sack)
	tc.call(Send(1000))
	tc.recv(offering(reporting(ack(1, 1), Range{101, 201}), 15_000))
	require.Equal(t, uint8(1), tc.tcb.dupAcks)
	tc.recv(offering(reporting(ack(1, 1), Range{101, 201}), 14_000))
	require.Equal(t, uint8(1), tc.tcb.dupAcks)
	tc.forget()
}

// RFC 6675 5 (2): "DupAcks < DupThresh but IsLost (HighACK + 1) returns true":
// one ACK that reports enough is enough. Two segments' worth are not.
func TestLossReported(t *testing.T) {
	tc := newSender(t, sack)
	tc.anyRules = false
	tc.call(Send(1000))
	tc.forget()
	tc.hear(reporting(ack(1, 101), Range{301, 501})) // it acknowledges, too
	tc.wantFired()
	tc.wantNoneSent()
	require.False(t, tc.tcb.is(flagRecovery))

	tc.hear(reporting(ack(1, 201), Range{301, 601}))
	tc.wantFired("loss-reported")
	tc.wantSent(more(201, 100, 1))
	require.True(t, tc.tcb.is(flagRecovery))
	require.Equal(t, uint32(400), tc.tcb.Ssthresh)
	tc.hear(reporting(ack(1, 201), Range{301, 701})) // it goes again once
	tc.wantFired("ack-duplicate")
	tc.wantNoneSent()
}

// RFC 6675 4, IsLost: three ranges apart are enough, however small.
func TestLossReportedByRanges(t *testing.T) {
	tc := newSender(t, sack)
	tc.anyRules = false
	tc.call(Send(1000))
	tc.forget()
	tc.hear(reporting(ack(1, 51), Range{101, 111}, Range{201, 211}))
	tc.wantFired()
	tc.hear(reporting(ack(1, 52), Range{101, 111}, Range{201, 211}, Range{301, 311}))
	tc.wantFired("loss-reported")
	require.Equal(t, lines([]Segment{more(52, 49, 1)}, plain), lines(tc.sent[:1], plain))
	tc.forget()
}

// RFC 6675 5.1: after a timeout what was outstanding does not begin a recovery.
func TestLossReportedAfterTimeout(t *testing.T) {
	tc := newSender(t, sack)
	tc.call(Send(1000))
	tc.until()
	tc.forget()
	tc.hear(reporting(ack(1, 101), Range{301, 901}))
	require.False(t, tc.tcb.is(flagRecovery))
	tc.forget()
}

// RFC 6675 2: it is one "even if it carries new data".
func TestSackDuplicateWithText(t *testing.T) {
	tc := newSender(t, sack)
	tc.call(Send(1000))
	tc.hear(reporting(text(1, 10, 1), Range{101, 201}))
	require.Equal(t, uint8(1), tc.tcb.dupAcks)
	tc.forget()
}

// RFC 9293 3.8.5, MUST-62: the urgent pointer names the octet after the urgent
// data; every segment before it carries it, until it is acknowledged.
func TestUrgentSent(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	ev := Send(150)
	ev.Urgent = true
	tc.call(ev)
	tc.wantSent(urgent(more(1, 100, 1), 150))
	tc.recv(ack(1, 101))
	tc.wantSent(urgent(text(101, 50, 1), 50))
	tc.forget()
	tc.recv(ack(1, 151))
	tc.call(Send(10))
	tc.forget()
	require.Equal(t, text(151, 10, 1).Flags, tc.last.Flags)
}

// MUST-31: urgent data of any length: the pointer reaches 65,535 octets ahead at
// most, and moves on.
func TestUrgentLong(t *testing.T) {
	tc := newTestConn(t, Established, change(func(p *Profile) { p.SndBuf = 100_000 }))
	tc.anyRule()
	ev := Send(70_000)
	ev.Urgent = true
	tc.call(ev)
	require.Equal(t, uint16(65535), tc.sent[0].Up)
	tc.forget()
}

// RFC 9293 3.8.5: urgent data that waits behind a closed window is announced all
// the same, by the URG of an ACK.
func TestUrgentBehindClosedWindow(t *testing.T) {
	tc := newTestConn(t, Established)
	tc.anyRule()
	tc.recvWindow(ack(1, 1), 0)
	ev := Send(10)
	ev.Urgent = true
	tc.call(ev)
	tc.wantNoneSent()
	tc.recvWindow(text(11, 10, 1), 0)
	tc.wantSent(urgent(ack(1, 1), 10))
	tc.forget()
}
