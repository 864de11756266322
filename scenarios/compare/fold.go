package compare

import (
	"slices"
	"strings"
)

// foldFrom is how many differences of one kind in a row are told as one: two ends
// that answer each other for ever would fill a book.
const foldFrom = 4

// fold joins differences that follow each other and are alike. The first one stands for all; it tells how many there are more, and when
// the last one came.
func fold(rows []Row) []Row {
	var out []Row
	for i := 0; i < len(rows); {
		j := i + 1
		for j < len(rows) && !rows[i].same() && rows[i].like(&rows[j]) {
			j++
		}
		if n := j - i; n >= foldFrom {
			row := rows[i]
			row.More, row.Last = n-1, rows[j-1].first().at
			out = append(out, row)
		} else {
			out = append(out, rows[i:j]...)
		}
		i = j
	}
	return out
}

// like reports whether two differences tell the same but for their times. Where
// only some profiles do something at all, its numbers may differ too.
func (r *Row) like(o *Row) bool {
	if o.same() || r.together() != o.together() {
		return false
	}
	alone := slices.Contains(r.Cells, nil)
	for k, a := range r.Cells {
		b := o.Cells[k]
		if a == nil && b == nil {
			continue
		}
		if a == nil || b == nil || a.key != "" || a.conn != b.conn || a.rule != b.rule {
			return false
		}
		if a.text != b.text && !(alone && flags(a) == flags(b)) {
			return false
		}
	}
	return slices.EqualFunc(r.Causes, o.Causes, func(a, b Cause) bool {
		return a.All == b.All && slices.Equal(a.Profiles, b.Profiles) && slices.Equal(a.Switches, b.Switches) &&
			slices.Equal(a.Parting, b.Parting)
	})
}

// flags is the first word of a segment.
func flags(it *item) string {
	first, _, _ := strings.Cut(it.text, " ")
	return first
}
