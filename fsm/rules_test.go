package fsm

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stateWords are the states as the names of rules write them.
var stateWords = map[string]States{
	"closed": in(Closed), "listen": in(Listen), "synsent": in(SynSent), "synrcvd": in(SynReceived),
	"established": in(Established), "finwait1": in(FinWait1), "finwait2": in(FinWait2),
	"finwait": in(FinWait1, FinWait2), "closewait": in(CloseWait), "closing": in(Closing),
	"lastack": in(LastAck), "timewait": in(TimeWait),
}

// callWords are the calls as the names of rules write them.
var callWords = map[string]EventKind{
	"open": EvOpen, "send": EvSend, "receive": EvReceive, "close": EvClose, "abort": EvAbort, "status": EvStatus, "set": EvSet, "icmp": EvICMP,
}

// Names are unique: state, cause, outcome, in lower case with hyphens. One that
// begins with a state or a call applies there, and nowhere else.
func TestRuleNames(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		require.False(t, seen[r.Name], r.Name)
		seen[r.Name] = true
		require.Regexp(t, `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`, r.Name)
		w := strings.Split(r.Name, "-")
		if s, ok := stateWords[w[0]]; ok {
			require.Zero(t, r.In&^s, "%s applies in %v", r.Name, r.In)
		}
		if ev, ok := callWords[w[0]]; ok && r.At < AtClose {
			require.Equal(t, ev, r.On, r.Name)
			require.Equal(t, AtCall, r.At, r.Name)
			if len(w) > 1 && w[0] != "set" {
				if s, ok := stateWords[w[1]]; ok && w[1] != "closing" {
					require.Zero(t, r.In&^s, "%s applies in %v", r.Name, r.In)
				}
			}
		}
	}
}

// A row says what it does in one line, where it applies, and which way
// processing goes: always forward.
func TestRuleRows(t *testing.T) {
	for _, r := range Rules() {
		require.NotEmpty(t, r.Says, r.Name)
		require.NotContains(t, r.Says, "\n", r.Name)
		require.False(t, strings.HasSuffix(r.Says, "."), "%s: no full stop", r.Name)
		require.NotZero(t, r.In, r.Name)
		require.Zero(t, r.In&^anyState, r.Name)
		require.Zero(t, r.With&^AllFeatures, r.Name)
		require.Zero(t, r.To&^anyState, r.Name)
		require.Less(t, r.At, numChecks, r.Name)
		require.Less(t, r.On, numEvents, r.Name)
		switch {
		case r.At >= AtClose: // output ends every event
			require.Zero(t, r.On, r.Name)
		case r.At >= AtUserTimeout:
			require.Equal(t, EvTick, r.On, r.Name)
		case r.At > AtCall:
			require.Equal(t, EvSegment, r.On, r.Name)
		default:
			require.True(t, r.On <= EvSet || r.On == EvICMP, r.Name)
		}
		if r.Then == SkipTo {
			require.Greater(t, r.Skip, r.At, "%s goes back", r.Name)
		} else {
			require.Zero(t, r.Skip, r.Name)
		}
		if r.To != 0 {
			require.NotNil(t, r.Do, r.Name)
		}
	}
}

// A rule is not hidden behind one before it that always fires where it applies.
func TestRulesReachable(t *testing.T) {
	rules := Rules()
	for i, r := range rules {
		left := r.In
		for _, before := range rules[:i] {
			if before.On == r.On && before.At == r.At && before.When == nil && before.have == 0 && r.With&before.With == before.With {
				left &^= before.In
			}
		}
		require.NotZero(t, left, "%s never fires", r.Name)
	}
}

// Every call is answered in every state, and every segment is looked at: for
// each there is a rule without a guard or switch, or the rules before it.
func TestRulesComplete(t *testing.T) {
	for s := range numStates {
		for ev := EvOpen; ev <= EvStatus; ev++ {
			require.True(t, alwaysFires(ev, AtCall, s), "%v in %v", ev, s)
		}
	}
	for at, states := range map[Check]States{
		AtSeq: others, AtOther: unsynchronous, AtURG: synchronized, AtText: synchronized, AtRST: anyState,
	} {
		for _, s := range states.Each() {
			require.True(t, alwaysFires(EvSegment, at, s), "%v in %v", at, s)
		}
	}
}

func alwaysFires(ev EventKind, at Check, s State) bool {
	return slices.ContainsFunc(Rules(), func(r Rule) bool {
		return r.On == ev && r.At == at && r.In.Has(s) && r.With == 0 && r.have == 0 && (r.When == nil || r.Name == "open-passive")
	})
}

// sections gives the sections of the RFCs, "9293 3.10.7.4" to their titles.
func sections(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, l := range dataLines(t, "sections.txt") {
		w := strings.SplitN(l, " ", 3)
		require.Len(t, w, 3, l)
		all[w[0]+" "+w[1]] = w[2]
	}
	return all
}

// dataLines gives the lines of a file in testdata, without comments.
func dataLines(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	var lines []string
	for l := range strings.Lines(string(data)) {
		if l = strings.TrimSpace(l); l != "" && l[0] != '#' {
			lines = append(lines, l)
		}
	}
	return lines
}

// Every citation of a rule names a section that exists.
func TestCitations(t *testing.T) {
	all := sections(t)
	for _, r := range Rules() {
		key := strconv.Itoa(r.Cite.RFC) + " " + r.Cite.Sec
		require.Contains(t, all, key, "%s cites %v", r.Name, r.Cite)
	}
}

// So does every citation of a comment, in the code and in its tests.
func TestCitationsInComments(t *testing.T) {
	all := sections(t)
	known := map[string]bool{}
	for key := range all {
		known[strings.Fields(key)[0]] = true
	}
	cite := regexp.MustCompile(`RFC[ \n/\t]+(\d+)[ \n/\t]+((?:\d+|[A-H])(?:\.\d+)*)\b`)
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	n := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range cite.FindAllStringSubmatch(string(data), -1) {
			if known[m[1]] {
				require.Contains(t, all, m[1]+" "+m[2], "%s cites RFC %s %s", f, m[1], m[2])
				n++
			}
		}
	}
	require.Greater(t, n, 200)
}

// reviewed says which rules carry out which requirement of RFC 9293. Each pair
// was held against appendix B; a new one is to be, too.
var reviewed = map[string][]string{
	"MUST-10": {"synsent-syn", "synrcvd-crossing-syn-ack"},
	"MUST-11": {"synrcvd-rst-passive"},
	"MUST-12": {"synsent-rst-refused", "synrcvd-rst-active", "rst-reset", "rst-closing-told", "syn-in-window-reset", "syn-exact-reset", "fin-established"},
	"MUST-13": {"finwait2-fin", "timewait-timeout"},
	"MUST-16": {"set-max-segment"},
	"MUST-17": {"set-nodelay"},
	"MUST-19": {"retransmit"},
	"MUST-20": {"user-timeout", "retransmit-given-up"},
	"MUST-21": {"set-user-timeout"},
	"MUST-22": {"synrcvd-given-up", "retransmit-syn"},
	"MUST-23": {"syn-given-up"},
	"MUST-24": {"set-keepalive"},
	"MUST-26": {"keepalive-probe"},
	"MUST-27": {"set-keepalive-times"},
	"MUST-29": {"keepalive-dead"},
	"MUST-32": {"urg-signalled"},
	"MUST-36": {"zero-window-probe"},
	"MUST-38": {"override-timeout", "output-text"},
	"MUST-40": {"delayed-ack"},
	"MUST-55": {"icmp-quench"},
	"MUST-56": {"icmp-soft"},
	"MUST-58": {"output-ack"},
	"MUST-66": {"seq-zero-window"},
	"SHLD-3":  {"text-after-close", "text-after-shut-receive", "text-across-fin", "abort-closing-pending", "fin-behind-gap-after-close"},
	"SHLD-4":  {"timewait-syn-reopens"},
	"SHLD-26": {"icmp-hard", "icmp-hard-passive"},
	"SHLD-31": {"text-behind-gap", "fin-behind-gap"},
	"MAY-1":   {"set-detach"},
	"MAY-2":   {"timewait-syn-beyond"},
	"MAY-12":  {"ack-too-old"},
	"MAY-16":  {"set-cork"},
}

// Every requirement that a rule names is one of RFC 9293, and one that the rule
// carries out.
func TestRequirements(t *testing.T) {
	known := map[string]bool{}
	for _, l := range dataLines(t, "requirements.txt") {
		known[strings.Fields(l)[0]] = true
	}
	require.Len(t, known, 69+31+18+1, "MUST-1 to 69, SHLD-1 to 31, MAY-1 to 18, REC-1")
	got := map[string][]string{}
	for _, r := range Rules() {
		if r.Cite.Req == "" {
			continue
		}
		require.Regexp(t, `^(MUST|SHLD|MAY)-[1-9][0-9]*$`, r.Cite.Req, r.Name)
		require.True(t, known[r.Cite.Req], "%s: no %s in RFC 9293", r.Name, r.Cite.Req)
		got[r.Cite.Req] = append(got[r.Cite.Req], r.Name)
	}
	for req, rules := range got {
		for _, name := range rules {
			require.Contains(t, reviewed[req], name, "%s says that it carries out %s", name, req)
		}
	}
	for req, rules := range reviewed {
		for _, name := range rules {
			require.Contains(t, got[req], name, "%s does not say any more that it carries out %s", name, req)
		}
	}
}

// Every rule has a test of its name.
func TestRuleTests(t *testing.T) {
	tests := map[string]bool{}
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	for _, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^func Test(\w+)\(`).FindAllStringSubmatch(string(data), -1) {
			tests[strings.ToLower(m[1])] = true
		}
	}
	var missing []string
	for _, r := range Rules() {
		if !tests[strings.ReplaceAll(r.Name, "-", "")] {
			missing = append(missing, r.Name)
		}
	}
	require.Empty(t, missing)
}

// What a row asks for fits its word.
func TestRuleNeeds(t *testing.T) {
	for _, r := range Rules() {
		require.Less(t, r.With, Features(1)<<needSwitches, "%s: the switches that rules name come first", r.Name)
		require.Less(t, r.have, tcbFlags(1)<<(64-needSwitches), r.Name)
	}
}
