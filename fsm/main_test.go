package fsm

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// What the unit tests have seen of the table.
var (
	seenRules    [256]bool   // fired
	claimedRules [256]bool   // claimed by name
	seenEntering [256]States // the states entered by each
)

// TestMain runs the tests and then asks whether they have claimed every rule,
// and seen it enter every state that it says it may. A run of some of the tests
// is not asked.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if whole() {
		for _, gap := range gaps() {
			fmt.Println("FAIL:", gap)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// gaps lists what the unit tests have not seen.
func gaps() []string {
	var all []string
	for _, r := range Rules() {
		id := FindRule(r.Name)
		switch {
		case !seenRules[id]:
			all = append(all, fmt.Sprintf("no unit test fires %s (%v)", r.Name, r.Cite))
		case !claimedRules[id]:
			all = append(all, fmt.Sprintf("no unit test claims %s (%v)", r.Name, r.Cite))
		}
		if left := r.To &^ seenEntering[id]; left != 0 {
			all = append(all, fmt.Sprintf("no unit test sees %s enter %v", r.Name, left))
		}
	}
	return all
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
