package scenarios

import "fmt"

// Nearest gives a hint for a name that is not in a list: the nearest one that
// is, as " (did you mean X?)", or nothing if none is near.
func Nearest(name string, list []string) string {
	best, limit := "", max(3, len(name)/2)
	for _, n := range list {
		if d := distance(name, n); d < limit {
			best, limit = n, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// distance is how many letters must be changed, put in or left out to get from
// one name to another (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
