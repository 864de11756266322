package fsm

import (
	"math/bits"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Every kind has a name, and an unknown one its number.
func TestKindNames(t *testing.T) {
	for k := range numEvents {
		require.NotEmpty(t, k.String())
	}
	require.Equal(t, "SEGMENT ARRIVES", EvSegment.String())
	require.Equal(t, "EventKind(99)", EventKind(99).String())
	for k := Fired; k <= Reopen; k++ {
		require.NotContains(t, k.String(), "ActionKind", "%d", k)
	}
	require.Equal(t, "ActionKind(99)", ActionKind(99).String())
	for r := OK; r <= Delivery; r++ {
		require.NotContains(t, r.String(), "Result", "%d", r)
	}
	require.Equal(t, "Result(99)", Result(99).String())
	for c := range numChecks {
		require.NotEmpty(t, c.String())
	}
}

// Results have the RFC's words (RFC 9293 3.10.1 to 3.10.8).
func TestResultWords(t *testing.T) {
	for r, want := range map[Result]string{
		OK: "ok", NotExist: "connection does not exist", Exists: "connection already exists",
		Unspecified: "remote socket unspecified", Resources: "insufficient resources",
		ClosingError: "connection closing", ResetError: "connection reset", Refused: "connection refused",
		TimedOut: "connection aborted due to user timeout",
	} {
		require.Equal(t, want, r.String())
	}
}

// Every switch has one name, and the list of names is that of the switches.
func TestFeatureNames(t *testing.T) {
	require.Equal(t, featureNames, AllFeatures.Names())
	require.Equal(t, bits.OnesCount64(uint64(AllFeatures)), len(featureNames))
	seen := map[string]bool{}
	for _, n := range featureNames {
		require.False(t, seen[n], n)
		require.Regexp(t, `^[a-z][a-z0-9]*(_[a-z0-9]+)*$`, n)
		seen[n] = true
	}
	for i, n := range featureNames {
		f, ok := ParseFeature(n)
		require.True(t, ok, n)
		require.Equal(t, Features(1)<<i, f, n)
	}
	_, ok := ParseFeature("no_such_switch")
	require.False(t, ok)
	require.Equal(t, []string{"rfc1337", "nagle"}, (RFC1337 | Nagle).Names())
	require.Empty(t, Features(0).Names())
}

func TestTime(t *testing.T) {
	at := Time(0).Add(130 * time.Millisecond)
	require.Equal(t, "0.130000", at.String())
	require.Equal(t, "never", Never.String())
	require.Equal(t, "12.000001", Time(12*time.Second+1999).String())
	require.InDelta(t, 0.13, at.Seconds(), 1e-9)
	require.Equal(t, 30*time.Millisecond, at.Sub(Time(100*time.Millisecond)))
}

// A constructor fills in what its event needs and nothing else.
func TestEvents(t *testing.T) {
	seg := text(1, 2, 3)
	for _, x := range []struct{ got, want Event }{
		{ActiveOpen(7), Event{Kind: EvOpen, Active: true, Remote: true, ISS: 7}},
		{PassiveOpen(), Event{Kind: EvOpen}},
		{Send(5), Event{Kind: EvSend, N: 5, Push: true}},
		{Receive(5), Event{Kind: EvReceive, N: 5}},
		{Close(), Event{Kind: EvClose}},
		{Abort(), Event{Kind: EvAbort}},
		{Status(), Event{Kind: EvStatus}},
		{Set(Cork, 1), Event{Kind: EvSet, Param: Cork, N: 1}},
		{Arrives(seg, 9), Event{Kind: EvSegment, Seg: seg, ISS: 9}},
		{Tick(), Event{Kind: EvTick}},
	} {
		require.Equal(t, x.want, x.got)
	}
}

// A citation reads as the RFC is cited.
func TestCiteString(t *testing.T) {
	require.Equal(t, "RFC 9293 3.10.7.4, fifth, MUST-12", Cite{9293, "3.10.7.4", "fifth", "MUST-12"}.String())
	require.Equal(t, "RFC 1337 3, F1", Cite{1337, "3", "F1", ""}.String())
	require.Equal(t, "RFC 2018 4", Cite{2018, "4", "", ""}.String())
}

// A rule is found by its name, and its number gives it back.
func TestRuleIDs(t *testing.T) {
	for i, r := range Rules() {
		id := FindRule(r.Name)
		require.Equal(t, RuleID(i+1), id)
		require.Equal(t, r.Name, id.String())
		require.Equal(t, r.Name, id.Rule().Name)
	}
	require.Zero(t, FindRule("no-such-rule"))
	require.Nil(t, RuleID(0).Rule())
	require.Nil(t, RuleID(255).Rule())
	require.Equal(t, "none", RuleID(0).String())
	Rules()[0].Name = "changed"
	require.NotEqual(t, "changed", Rules()[0].Name, "Rules gives a copy")
}
