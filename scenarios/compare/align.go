package compare

import "slices"

// The costs of an alignment. Two items that differ in text may still stand side
// by side, if they came at one time: what one profile did in the place of the
// other. Otherwise each gets a row of its own.
const (
	costLater   = 1 // the same, at another time
	costGap     = 2 // it is there on one side only
	costInstead = 3 // another at the same time, or one with other options at another
	costNever   = 5 // more than two gaps
)

// maxCells bounds the table of one alignment; beyond it items are paired as they
// come.
const maxCells = 1 << 22

// pair is a column of an alignment: places in the two sequences, -1 for none.
type pair struct{ a, b int }

// align pairs two sequences of n and m items at the least cost. Of several
// alignments that cost the same, it takes the one that pairs the earliest items.
func align(n, m int, cost func(i, j int) int) []pair {
	lo := 0
	for lo < min(n, m) && cost(lo, lo) == 0 {
		lo++
	}
	hi := 0 // equal items at the end
	for hi < min(n, m)-lo && cost(n-1-hi, m-1-hi) == 0 {
		hi++
	}
	var pairs []pair
	for i := range lo {
		pairs = append(pairs, pair{i, i})
	}
	pairs = append(pairs, middle(lo, n-hi, m-hi, cost)...)
	for i := hi; i > 0; i-- {
		pairs = append(pairs, pair{n - i, m - i})
	}
	return pairs
}

// middle aligns [lo, n) with [lo, m).
func middle(lo, n, m int, cost func(i, j int) int) []pair {
	rows, cols := n-lo, m-lo
	if int64(rows+1)*int64(cols+1) > maxCells {
		return inOrder(lo, n, m)
	}
	// best[i][j] is the cost of what lies behind i and j.
	best := make([]int32, (rows+1)*(cols+1))
	at := func(i, j int) *int32 { return &best[i*(cols+1)+j] }
	for i := rows; i >= 0; i-- {
		for j := cols; j >= 0; j-- {
			switch {
			case i == rows:
				*at(i, j) = costGap * int32(cols-j)
			case j == cols:
				*at(i, j) = costGap * int32(rows-i)
			default:
				both := *at(i+1, j+1) + int32(cost(lo+i, lo+j))
				*at(i, j) = min(both, *at(i+1, j)+costGap, *at(i, j+1)+costGap)
			}
		}
	}
	var pairs []pair
	for i, j := 0, 0; i < rows || j < cols; {
		switch {
		case i < rows && j < cols && *at(i, j) == *at(i+1, j+1)+int32(cost(lo+i, lo+j)):
			pairs = append(pairs, pair{lo + i, lo + j})
			i, j = i+1, j+1
		case i < rows && *at(i, j) == *at(i+1, j)+costGap:
			pairs = append(pairs, pair{lo + i, -1})
			i++
		default:
			pairs = append(pairs, pair{-1, lo + j})
			j++
		}
	}
	return pairs
}

// inOrder pairs items as they come.
func inOrder(lo, n, m int) []pair {
	var pairs []pair
	for i := lo; i < max(n, m); i++ {
		p := pair{i, i}
		if i >= n {
			p.a = -1
		}
		if i >= m {
			p.b = -1
		}
		pairs = append(pairs, p)
	}
	return pairs
}

// alignItems pairs the items of two lanes.
func alignItems(kind Kind, a, b []item) []pair {
	if kind == Calls {
		return alignCalls(a, b)
	}
	return align(len(a), len(b), func(i, j int) int { return itemCost(&a[i], &b[j]) })
}

// alignCalls pairs calls by which they are: a story makes the same ones under
// every profile, but where one blocks, those behind it are made later or not at
// all. One that only b has stands behind the one made before it.
func alignCalls(a, b []item) []pair {
	of := map[string]int{}
	for j := range b {
		of[b[j].key] = j
	}
	var pairs []pair
	used := make([]bool, len(b))
	for i := range a {
		j, ok := of[a[i].key]
		if !ok {
			j = -1
		} else {
			used[j] = true
		}
		pairs = append(pairs, pair{i, j})
	}
	for j := range b {
		if !used[j] {
			at := slices.IndexFunc(pairs, func(p pair) bool { return j > 0 && p.b == j-1 }) + 1
			pairs = slices.Insert(pairs, at, pair{-1, j})
		}
	}
	return pairs
}

// itemCost is what it costs to put two items side by side.
func itemCost(a, b *item) int {
	switch {
	case a.same(b):
		return 0
	case a.head == b.head && a.again != b.again: // a repeat is held against the same repeat
		return costNever
	case a.text == b.text && a.conn == b.conn:
		return costLater
	case a.conn == b.conn && (a.at == b.at || a.head == b.head && a.head != ""):
		return costInstead
	}
	return costNever
}

// merge puts the items of one more profile into rows that hold those of k before
// it.
func merge(kind Kind, rows []Row, k int, items []item) []Row {
	var pairs []pair
	if kind == Calls {
		made := make([]item, len(rows))
		for i := range rows {
			made[i] = *rows[i].first()
		}
		pairs = alignCalls(made, items)
	} else {
		pairs = align(len(rows), len(items), func(i, j int) int {
			least := costNever
			for _, c := range rows[i].Cells {
				if c != nil {
					least = min(least, itemCost(c, &items[j]))
				}
			}
			return least
		})
	}
	var merged []Row
	for _, p := range pairs {
		row := Row{Cells: make([]*item, k)}
		if p.a >= 0 {
			row = rows[p.a]
		}
		var it *item
		if p.b >= 0 {
			it = &items[p.b]
		}
		row.Cells = append(slices.Clip(row.Cells), it)
		merged = append(merged, row)
	}
	return merged
}
