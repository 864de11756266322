package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The words that text and Markdown share.

// heading names a section: "segments client > server", "calls of client".
func (s *Section) heading() string {
	if s.Kind == Segments {
		return string(s.Kind) + " " + s.Place
	}
	return string(s.Kind) + " of " + s.Place
}

// words writes an item as a reader sees it, without its time.
func (s *Section) words(it *item) string {
	text := it.text
	if it.what != "" {
		text = it.what + " " + text
	}
	if s.Conns > 1 && it.conn > 0 {
		text = fmt.Sprintf("#%d %s", it.conn, text)
	}
	return text
}

// more tells of the differences that the row stands for.
func (r *Row) more() string {
	return fmt.Sprintf("and %d more like it, the last at %v", r.More, r.Last)
}

// told says whose lines the story has, and what ended early; a line each.
func (c *Comparison) told() []string {
	var lines []string
	if c.Story != "" {
		lines = append(lines, "The script has lines of its own for some profiles; the story is the one of "+c.Story+".")
	}
	for k, why := range c.Stopped {
		if why != "" {
			lines = append(lines, fmt.Sprintf("%s: stopped: %s", c.Profiles[k], why))
		}
	}
	return lines
}

// because tells what made a difference.
func (c *Comparison) because(cause *Cause) string {
	text := ""
	switch {
	case cause.All && len(cause.Switches) > 1:
		text = "by " + list(cause.Switches, "and") + " together"
	case len(cause.Switches) > 0:
		text = "by " + list(cause.Switches, "or")
	default:
		text = "no switch makes it; the runs part where " + parted(cause.Parting)
	}
	if len(cause.Profiles) < len(c.Profiles)-1 {
		text += ", for " + list(cause.Profiles, "and")
	}
	return text
}

func parted(fired []Firing) string {
	var parts []string
	for _, f := range fired {
		text := f.Profile + " has come to its end"
		if f.Rule != 0 {
			text = fmt.Sprintf("%s has %v at %v s at %s", f.Profile, f.Rule, f.At, f.Host)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " and ")
}

// maxSpans is how many spans of numbers are written out.
const maxSpans = 8

// numbers writes numbers of differences: "1 to 3, 7".
func numbers(of []int) string {
	var parts []string
	for i := 0; i < len(of); {
		if len(parts) == maxSpans {
			parts = append(parts, fmt.Sprintf("%d more", len(of)-i))
			break
		}
		j := i
		for j+1 < len(of) && of[j+1] == of[j]+1 {
			j++
		}
		text := strconv.Itoa(of[i])
		switch {
		case j == i+1:
			text += ", " + strconv.Itoa(of[j])
		case j > i:
			text += " to " + strconv.Itoa(of[j])
		}
		parts = append(parts, text)
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// groups sorts the profiles by what they do in a row: those with equal cells
// stand together, in the order of the first of each.
func groups(row *Row) [][]int {
	var of [][]int
	for k, it := range row.Cells {
		found := false
		for g := range of {
			o := row.Cells[of[g][0]]
			if o == nil && it == nil || o != nil && it != nil && o.same(it) {
				of[g] = append(of[g], k)
				found = true
				break
			}
		}
		if !found {
			of = append(of, []int{k})
		}
	}
	return of
}

// sources tells where the values of a parameter are from: those that differ.
func (c *Comparison) sources(sw *Switch) []string {
	var lines, seen []string
	for k, src := range sw.Sources {
		if src == "" || slices.Contains(seen, src) {
			continue
		}
		seen = append(seen, src)
		var of []int
		for j := range sw.Sources {
			if sw.Sources[j] == src {
				of = append(of, j)
			}
		}
		lines = append(lines, c.names(of)+": "+sw.Sources[k])
	}
	return lines
}

// names gives the names of profiles by their places.
func (c *Comparison) names(of []int) string {
	var words []string
	for _, k := range of {
		words = append(words, c.Profiles[k])
	}
	return strings.Join(words, ", ")
}
