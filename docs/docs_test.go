// Package docs holds the documentation, and the tests that keep it true: what is
// generated from the code is up to date, what is quoted is what tcpsim prints,
// and what is linked or named exists.
package docs

import (
	"flag"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim"
)

var update = flag.Bool("update", false, "write the generated documents anew")

func TestGenerated(t *testing.T) {
	for name, make := range map[string]func() string{
		"rules.md": rulesDoc, "states.md": statesDoc, "close-matrix.md": closeMatrixDoc, "profiles.md": profilesDoc,
	} {
		if raced && name == "close-matrix.md" {
			continue // the matrix has its own test of its workers
		}
		text := make()
		if *update {
			require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
		}
		got, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, text, string(got), "%s: go test ./docs -update writes it", name)
	}
}

// documents are all pages that people write.
func documents(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.md")
	require.NoError(t, err)
	return append(files, "../README.md", "../CONTRIBUTING.md", "../CHANGELOG.md")
}

var link = regexp.MustCompile(`\]\(([^)#\s]+)(#[^)\s]*)?\)`)

// A link to a file leads to one.
func TestLinks(t *testing.T) {
	for _, doc := range documents(t) {
		text, err := os.ReadFile(doc)
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			_, err := os.Stat(filepath.Join(filepath.Dir(doc), m[1]))
			require.NoError(t, err, "%s links to %s", doc, m[1])
		}
	}
}

var command = regexp.MustCompile(`(?m)^(?:\$ )?(?:tcpsim|go run \./cmd/tcpsim) (run|show|test) ([a-z0-9-]+)`)

// A command names a scenario that there is.
func TestCommands(t *testing.T) {
	for _, doc := range documents(t) {
		text, err := os.ReadFile(doc)
		require.NoError(t, err)
		for _, m := range command.FindAllStringSubmatch(string(text), -1) {
			if _, ok := scenarios.Find(m[2]); !ok && !strings.HasPrefix(m[2], "-") {
				require.Fail(t, "unknown scenario", "%s: %s", doc, m[0])
			}
		}
	}
}

var quoted = regexp.MustCompile("(?s)```console\n\\$ (?:tcpsim|go run \\./cmd/tcpsim) run ([a-z0-9-]+)(?: --profile ([a-z0-9]+))?[^\n]*\n(.*?)```")

// A ladder that a document shows is the one that tcpsim draws, or a part of it:
// "..." stands for lines left out.
func TestQuotedLadders(t *testing.T) {
	shown := 0
	for _, doc := range documents(t) {
		text, err := os.ReadFile(doc)
		require.NoError(t, err)
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			s, ok := scenarios.Find(m[1])
			require.True(t, ok, "%s: %s", doc, m[1])
			profiles, err := scenarios.Runs(s.Script, scenarios.Config{Profile: m[2]})
			require.NoError(t, err)
			var l *sim.Ladder
			scenarios.PlayUnder(s.Script, profiles[0], scenarios.Config{Attach: func(n *sim.Network, _ scenarios.Run) error {
				l = sim.NewLadder(n)
				return nil
			}})
			real := l.String()
			for _, part := range strings.Split(m[3], "...\n") {
				require.Contains(t, trimRight(real), trimRight(part), "%s quotes %s %s", doc, m[1], m[2])
			}
			shown++
		}
	}
	require.Positive(t, shown)
}

func trimRight(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

const generated = "<!-- Generated from the code: go test ./docs -update writes it anew. -->\n\n"

// rulesDoc is every rule with its clause and the scenarios that fire it.
func rulesDoc() string {
	var b strings.Builder
	b.WriteString("# The rules\n\n" + generated)
	fired := scenarios.Coverage()
	rules := fsm.Rules()
	fmt.Fprintf(&b, "The machine is a table of %d rules. Each carries out one clause; each is fired by at least one scenario\n"+
		"of the library. Of the rules of one check, the first whose switches are on and whose condition holds fires.\n"+
		"`tcpsim rules NAME` prints one of them.\n", len(rules))
	last := ""
	for i, r := range rules {
		if title := fmt.Sprintf("%s: %s", r.Event(), r.At); title != last {
			last = title
			fmt.Fprintf(&b, "\n## %s\n", title)
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s.\n\n", r.Name, sentence(r.Says))
		fmt.Fprintf(&b, "- Clause: %v\n- In: %v\n", r.Cite, r.In)
		if r.To != 0 {
			fmt.Fprintf(&b, "- Enters: %v\n", r.To)
		}
		if r.With != 0 {
			fmt.Fprintf(&b, "- Only with: %s\n", strings.Join(r.With.Names(), ", "))
		}
		fmt.Fprintf(&b, "- Fired by: %s\n", strings.Join(first(fired[fsm.RuleID(i+1)], 8), ", "))
	}
	return b.String()
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// first gives the first n names, and says how many more there are.
func first(names []string, n int) []string {
	if len(names) <= n {
		return names
	}
	return append(append([]string(nil), names[:n]...), fmt.Sprintf("and %d more", len(names)-n))
}

// statesDoc is the state diagram and the table of states and events.
func statesDoc() string {
	var b strings.Builder
	b.WriteString("# The states\n\n" + generated)
	b.WriteString("Drawn from the rules: an arrow is there because a rule may take it. [rules.md](rules.md) says what each does.\n\n")
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	for s := fsm.Closed; s <= fsm.TimeWait; s++ {
		fmt.Fprintf(&b, "    state \"%v\" as %s\n", s, mermaidName(s))
	}
	for _, e := range edges() {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", mermaidName(e.from), mermaidName(e.to), strings.Join(e.rules, "<br/>"))
	}
	b.WriteString("```\n\n## States and events\n\nWhich rules there are for an event in a state, in the order in which they are tried.\n")
	for s := fsm.Closed; s <= fsm.TimeWait; s++ {
		fmt.Fprintf(&b, "\n### %v\n\n| event | check | rules |\n| --- | --- | --- |\n", s)
		for _, row := range stateRows(s) {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", row.event, row.check, strings.Join(row.rules, ", "))
		}
	}
	return b.String()
}

func mermaidName(s fsm.State) string { return strings.ReplaceAll(s.String(), "-", "_") }

type edge struct {
	from, to fsm.State
	rules    []string
}

// edges lists the changes of state that rules may make, by state.
func edges() []edge {
	var list []edge
	for from := fsm.Closed; from <= fsm.TimeWait; from++ {
		for to := fsm.Closed; to <= fsm.TimeWait; to++ {
			var rules []string
			for _, r := range fsm.Rules() {
				if r.In.Has(from) && r.To.Has(to) {
					rules = append(rules, r.Name)
				}
			}
			if rules != nil {
				list = append(list, edge{from, to, rules})
			}
		}
	}
	return list
}

type stateRow struct {
	event, check string
	rules        []string
}

func stateRows(s fsm.State) []stateRow {
	var rows []stateRow
	for _, r := range fsm.Rules() {
		if !r.In.Has(s) {
			continue
		}
		row := stateRow{event: r.Event(), check: r.At.String()}
		if n := len(rows); n > 0 && rows[n-1].event == row.event && rows[n-1].check == row.check {
			rows[n-1].rules = append(rows[n-1].rules, r.Name)
			continue
		}
		row.rules = []string{r.Name}
		rows = append(rows, row)
	}
	return rows
}

// Every Go file is as gofmt writes it.
func TestFormatted(t *testing.T) {
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		formatted, err := format.Source(text)
		if err == nil {
			require.Equal(t, string(formatted), string(text), "gofmt would change %s", path)
		}
		return err
	})
	require.NoError(t, err)
}
