package fsm

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// seenRules are the rules that fired in a unit test, claimedRules those that a
// unit test has claimed by name.
var seenRules, claimedRules [256]bool

// TestMain runs the tests and then asks whether they have claimed every rule. A
// run of some of the tests is not asked.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if whole() {
		for _, r := range Rules() {
			switch id := FindRule(r.Name); {
			case !seenRules[id]:
				fmt.Printf("FAIL: no unit test fires %s (%v)\n", r.Name, r.Cite)
				code = max(code, 1)
			case !claimedRules[id]:
				fmt.Printf("FAIL: no unit test claims %s (%v)\n", r.Name, r.Cite)
				code = max(code, 1)
			}
		}
	}
	os.Exit(code)
}

// whole reports whether all tests were asked for.
func whole() bool {
	for _, name := range []string{"test.run", "test.skip", "test.fuzz", "test.list"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	f := flag.Lookup("test.fuzzworker")
	return f == nil || f.Value.String() == "false"
}
