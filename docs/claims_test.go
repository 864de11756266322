package docs

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/scenarios"
)

// claim is a row of the table in close-wait.md: what it is found to be, and for
// each scenario that the row names the facts that decide.
type claim struct {
	verdict string
	shows   map[string]func(*run)
}

// claims are the rows by their number.
var claims = func() map[int]claim {
	all := maps.Clone(closeWaitClaims)
	maps.Copy(all, optionClaims)
	return all
}()

// The scenarios show what the table says, under each of their profiles.
func TestClaims(t *testing.T) {
	for n := 1; n <= 26; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			require.NotEmpty(t, claims[n].shows)
			for _, name := range slices.Sorted(maps.Keys(claims[n].shows)) {
				s, ok := scenarios.Find(name)
				require.True(t, ok, name)
				profiles, err := scenarios.Runs(s.Script, scenarios.Config{})
				require.NoError(t, err)
				for _, p := range profiles {
					t.Run(name+"@"+p, func(t *testing.T) { claims[n].shows[name](play(t, s, p)) })
				}
			}
		})
	}
}

var (
	tableRow = regexp.MustCompile(`(?m)^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$`)
	coded    = regexp.MustCompile("`([a-z0-9-]+)`")
	quotes   = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")
)

// Both pages have a row for each claim, with the verdict and the scenarios that
// are tested here.
func TestClaimTables(t *testing.T) {
	for page, words := range map[string]map[string]string{
		"close-wait.md":    {"right": "right", "half right": "half right", "wrong": "wrong", "incomplete": "incomplete"},
		"close-wait.zh.md": {"对": "right", "半对": "half right", "错": "wrong", "不完整": "incomplete"},
	} {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		rows := tableRow.FindAllStringSubmatch(string(text), -1)
		require.Len(t, rows, len(claims), page)
		for i, row := range rows {
			require.Equal(t, fmt.Sprint(i+1), row[1], page)
			c := claims[i+1]
			require.Equal(t, c.verdict, words[strings.TrimSpace(row[3])], "%s: claim %s", page, row[1])
			var names []string
			for _, m := range coded.FindAllStringSubmatch(row[5], -1) {
				names = append(names, m[1])
			}
			require.ElementsMatch(t, slices.Collect(maps.Keys(c.shows)), names, "%s: claim %s", page, row[1])
		}
	}
}

// What the tables name and the sections run is the same in both languages.
func TestPagesTellTheSame(t *testing.T) {
	var told [2][]string
	for i, page := range []string{"close-wait.md", "close-wait.zh.md"} {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, m := range quotes.FindAllString(string(text), -1) {
			if strings.HasPrefix(m, "```console") || coded.MatchString(m) && isScenario(m) {
				told[i] = append(told[i], m)
			}
		}
	}
	require.NotEmpty(t, told[0])
	require.Equal(t, told[0], told[1])
}

func isScenario(code string) bool {
	_, ok := scenarios.Find(strings.Trim(code, "`"))
	return ok
}
