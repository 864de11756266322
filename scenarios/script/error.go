package script

import (
	"fmt"
	"strconv"
)

// An Error tells where a script cannot be read, and why.
type Error struct {
	Name string // the file
	Pos
	Msg string
}

// Error gives "name:line:column: message".
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.Name, e.Line, e.Column, e.Msg)
}

// maxQuote bounds what an error shows of a script, in bytes.
const maxQuote = 40

// quote shows a piece of a script in an error: short, and safe to print.
func quote(s string) string {
	if len(s) > maxQuote {
		return strconv.Quote(s[:maxQuote]) + "..."
	}
	return strconv.Quote(s)
}

// cut is quote for a number or a name: without the quotes.
func cut(s string) string {
	if len(s) > maxQuote {
		return s[:maxQuote] + "..."
	}
	return s
}
