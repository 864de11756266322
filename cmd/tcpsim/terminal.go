package main

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/tcpsim/tcpsim/sim"
)

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// palette gives colours to a terminal, unless NO_COLOR is set (no-color.org).
func palette(w io.Writer) sim.Palette {
	if f, ok := w.(*os.File); ok && isTerminal(f) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" {
		return sim.Colour
	}
	return sim.Plain
}
