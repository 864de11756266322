package script

import (
	"slices"
	"strings"
)

// Description gives what the comment that opens the script says: its first
// sentence without the full stop, and the rest. An opening comment about
// copyright is passed over.
func (s *Script) Description() (title, lesson string) {
	for _, it := range s.Items {
		switch it := it.(type) {
		case Blank:
		case Comment:
			if !strings.Contains(it.Text, "Copyright") {
				return sentences(commentLines(it.Text))
			}
		default:
			return "", ""
		}
	}
	return "", ""
}

// commentLines gives the lines of a comment without its marks.
func commentLines(text string) []string {
	block := strings.HasPrefix(text, "/*")
	if block {
		text = strings.TrimSuffix(strings.TrimPrefix(text, "/*"), "*/")
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if block {
			line = strings.TrimLeft(line, "*")
		} else {
			line = strings.TrimLeft(line, "/")
		}
		lines[i] = strings.TrimSpace(line)
	}
	return lines
}

// sentences divides lines behind the first sentence, which ends at a full
// stop or at an empty line.
func sentences(lines []string) (first, rest string) {
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	end := slices.Index(lines, "")
	if end < 0 {
		end = len(lines)
	}
	first = strings.Join(lines[:end], " ")
	rest = strings.Join(slices.DeleteFunc(lines[end:], func(s string) bool { return s == "" }), " ")
	if n := sentenceEnd(first); n < len(first) {
		first, rest = first[:n], strings.TrimSpace(first[n+1:]+" "+rest)
	}
	return strings.TrimSuffix(first, "."), rest
}

// abbreviations end in a full stop that ends no sentence.
var abbreviations = []string{"e.g.", "i.e.", "cf.", "vs.", "resp."}

// sentenceEnd gives the end of the first sentence of a text.
func sentenceEnd(text string) int {
	for i := range len(text) - 1 {
		if !strings.ContainsRune(".!?", rune(text[i])) || text[i+1] != ' ' {
			continue
		}
		word := text[strings.LastIndexAny(text[:i], " (")+1 : i+1]
		if !slices.Contains(abbreviations, word) {
			return i + 1
		}
	}
	return len(text)
}
