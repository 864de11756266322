package script

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The comment that opens a script gives its title and its lesson.
func TestDescription(t *testing.T) {
	for _, tt := range []struct{ name, text, title, lesson string }{
		{"title and lesson", "\n\n// Four-way close: the client closes first.\n// It waits\n// in TIME-WAIT.\n--mtu=1500\n",
			"Four-way close: the client closes first", "It waits in TIME-WAIT."},
		{"sentences on a line", "// RFC 9293 3.10 in one line. The rest. And more.",
			"RFC 9293 3.10 in one line", "The rest. And more."},
		{"a sentence over lines", "// A title\n// goes on. The\n// rest.", "A title goes on", "The rest."},
		{"an empty line ends the title", "// A title\n//\n// The rest.", "A title", "The rest."},
		{"an abbreviation does not", "// One (e.g. two) or i.e. three. Four.", "One (e.g. two) or i.e. three", "Four."},
		{"a question keeps its mark", "// Who waits? The one that closes first.", "Who waits?", "The one that closes first."},
		{"a block", "/*\n * A title.\n * The rest.\n */", "A title", "The rest."},
		{"copyright is passed over", "//\n// Copyright (c) 2016\n//\n\n// Ensure that a RST\n// is ignored.\n\n--mtu=1",
			"Ensure that a RST is ignored", ""},
		{"copyright alone", "// Copyright (c) 2016\n--mtu=1\n// Not this.\n", "", ""},
		{"none", "--mtu=1\n// Not this.\n", "", ""},
		{"marks alone", "//\n//\n", "", ""},
		{"no script", "", "", ""},
	} {
		title, lesson := parse(t, tt.text).Description()
		require.Equal(t, tt.title, title, tt.name)
		require.Equal(t, tt.lesson, lesson, tt.name)
	}
}
