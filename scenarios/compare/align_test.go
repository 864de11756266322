package compare

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// lettered makes items of "a0 b1": what, and the second at which it comes.
func lettered(text string) []item {
	var items []item
	for _, w := range strings.Fields(text) {
		at := fsm.Time(w[1]-'0') * 1e9
		items = append(items, item{text: w[:1], head: w[:1], at: at, ended: at})
	}
	return items
}

// paired writes an alignment: "a0-a1" for a pair, "-" for a gap.
func paired(a, b []item, pairs []pair) string {
	var words []string
	for _, p := range pairs {
		word := ""
		if p.a >= 0 {
			word = a[p.a].text + string(rune('0'+a[p.a].at/1e9))
		}
		word += "-"
		if p.b >= 0 {
			word += b[p.b].text + string(rune('0'+b[p.b].at/1e9))
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestAlign(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""},
		{"a0", "", "a0-"},
		{"", "a0 b1", "-a0 -b1"},
		{"a0 b1", "a0 b1", "a0-a0 b1-b1"},
		{"a0 b1", "a0 b2", "a0-a0 b1-b2"},             // the same, later
		{"a0 b1 c2", "a0 x1 c2", "a0-a0 b1-x1 c2-c2"}, // another in its place
		{"a0 b1 c2", "a0 c2", "a0-a0 b1- c2-c2"},      // one less
		{"a0 c2", "a0 b1 c2", "a0-a0 -b1 c2-c2"},      // one more
		{"a0 b1", "a0 x2", "a0-a0 b1- -x2"},           // neither the same nor at one time
		{"a0 b1 c2 d3", "x0 b1 d3", "a0-x0 b1-b1 c2- d3-d3"},
		{"a0 a1 a2", "a0 a2", "a0-a0 a1- a2-a2"}, // the time tells which of them it is
	} {
		a, b := lettered(c.a), lettered(c.b)
		require.Equal(t, c.want, paired(a, b, alignItems(Segments, a, b)), "%q and %q", c.a, c.b)
	}
}

// Alignments hold every item once and in order, whatever the costs are.
func FuzzAlign(f *testing.F) {
	f.Add(uint8(3), uint8(4), []byte{0, 1, 2, 5, 3})
	f.Fuzz(func(t *testing.T, n, m uint8, costs []byte) {
		pairs := align(int(n), int(m), func(i, j int) int {
			if len(costs) == 0 {
				return costNever
			}
			return int(costs[(i*7+j)%len(costs)] % 6)
		})
		a, b := 0, 0
		for _, p := range pairs {
			require.False(t, p.a < 0 && p.b < 0)
			if p.a >= 0 {
				require.Equal(t, a, p.a)
				a++
			}
			if p.b >= 0 {
				require.Equal(t, b, p.b)
				b++
			}
		}
		require.Equal(t, [2]int{int(n), int(m)}, [2]int{a, b})
	})
}

// Beyond what fits, items are paired as they come.
func TestAlignLarge(t *testing.T) {
	pairs := align(5000, 4999, func(int, int) int { return costNever })
	require.Len(t, pairs, 5000)
	require.Equal(t, pair{4999, -1}, pairs[4999])
}

// A repeat is held against the same repeat, although an earlier one came at that
// time.
func TestAlignRepeats(t *testing.T) {
	a, b := lettered("f0 f1 f3"), lettered("f0 f3 f6")
	for i := range a {
		a[i].again, b[i].again = i, i
	}
	require.Equal(t, "f0-f0 f1-f3 f3-f6", paired(a, b, alignItems(Segments, a, b)))
}

// Calls are paired by which they are, also where one is made late or not at all.
func TestAlignCalls(t *testing.T) {
	call := func(keys string) []item {
		items := lettered(keys)
		for i := range items {
			items[i].key = items[i].text
		}
		return items
	}
	a, b := call("a0 b1 c2"), call("a0 c2 x2 b5")
	require.Equal(t, "a0-a0 b1-b5 c2-c2 -x2", paired(a, b, alignItems(Calls, a, b)))
	a, b = call("b1"), call("a0 b1")
	require.Equal(t, "-a0 b1-b1", paired(a, b, alignItems(Calls, a, b)))
}

// A third profile finds its place in rows that two have filled.
func TestMerge(t *testing.T) {
	var rows []Row
	for k, text := range []string{"a0 b1 d3", "a0 c2 d3", "a0 b1 c2 d4"} {
		items := lettered(text)
		if k == 0 {
			for i := range items {
				rows = append(rows, Row{Cells: []*item{&items[i]}})
			}
			continue
		}
		rows = merge(Segments, rows, k, items)
	}
	var lines []string
	for _, r := range rows {
		line := ""
		for _, c := range r.Cells {
			if c == nil {
				line += " -"
			} else {
				line += " " + c.text
			}
		}
		lines = append(lines, line)
	}
	require.Equal(t, []string{" a a a", " b - b", " - c c", " d d d"}, lines)
}

func TestFold(t *testing.T) {
	row := func(text string, at int) Row {
		return Row{Cells: []*item{{text: text, at: fsm.Time(at) * 1e9}, nil}}
	}
	rows := []Row{row("S 1", 0), row(". 1", 1), row(". 2", 2), row(". 3", 3), row(". 4", 4), row("F 1", 5), row("F 2", 6)}
	got := fold(rows)
	require.Len(t, got, 4)
	require.Equal(t, 3, got[1].More)
	require.Equal(t, "4.000000", got[1].Last.String())
	require.Zero(t, got[2].More, "two of a kind are told each")
}

func TestNumbers(t *testing.T) {
	require.Equal(t, "1", numbers([]int{1}))
	require.Equal(t, "1, 2", numbers([]int{1, 2}))
	require.Equal(t, "1 to 3, 5, 7, 8", numbers([]int{1, 2, 3, 5, 7, 8}))
	require.Equal(t, "1, 3, 5, 7, 9, 11, 13, 15, 2 more", numbers([]int{1, 3, 5, 7, 9, 11, 13, 15, 17, 19}))
}

func TestWrap(t *testing.T) {
	require.Equal(t, []string{"<mss 1460,sackOK,", "  TS,nop>"}, wrap("<mss 1460,sackOK,TS,nop>", 18))
	require.Equal(t, []string{"abcdefgh", "  ij"}, wrap("abcdefghij", 8))
	require.Equal(t, []string{""}, wrap("", 8))
}
