package docs

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/compare"
	"github.com/tcpsim/tcpsim/sim"
)

var quotedComparison = regexp.MustCompile("(?s)```console\n\\$ tcpsim compare ([a-z0-9-]+) --profiles ([a-z0-9,]+)\n(.*?)```")

// A comparison that a document shows is the one that tcpsim makes, or a part of
// it: "..." stands for lines left out, and the parts follow each other.
func TestQuotedComparisons(t *testing.T) {
	shown := 0
	for _, doc := range documents(t) {
		text, err := os.ReadFile(doc)
		require.NoError(t, err)
		for _, m := range quotedComparison.FindAllStringSubmatch(string(text), -1) {
			s, ok := scenarios.Find(m[1])
			require.True(t, ok, "%s: %s", doc, m[1])
			c, err := compare.Of(s.Script, strings.Split(m[2], ","), "")
			require.NoError(t, err)
			var b bytes.Buffer
			require.NoError(t, c.Text(&b, sim.Plain))
			left := b.String()
			for part := range strings.SplitSeq(m[3], "...\n") {
				at := strings.Index(left, part)
				require.NotEqual(t, -1, at, "%s quotes %s:\n%s", doc, m[1], part)
				left = left[at+len(part):]
			}
			shown++
		}
	}
	require.Positive(t, shown)
}
