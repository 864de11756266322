package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the sums of the captures anew")

// sums are the hashes of what the command makes of a run.
type sums struct{ ladder, log, pcap, pcapng [sha256.Size]byte }

func (o *outputs) sums() sums {
	return sums{sha256.Sum256(o.ladder), sha256.Sum256(o.log), sha256.Sum256(o.pcap), sha256.Sum256(o.pcapng)}
}

// A run gives the same octets whatever is played before it or beside it: alone
// on one processor, then in the opposite order and four at once.
func TestLibraryRepeats(t *testing.T) {
	runs := libraryRuns(t)
	procs := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(procs)
	first := make([]sums, len(runs))
	for i, r := range runs {
		o, err := r.play()
		require.NoError(t, err)
		first[i] = o.sums()
	}
	runtime.GOMAXPROCS(max(procs, 4))
	second, errs := make([]sums, len(runs)), make([]error, len(runs))
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			for i := len(runs) - 1; i >= 0; i-- {
				if i%4 == k {
					var o outputs
					o, errs[i] = runs[i].play()
					second[i] = o.sums()
				}
			}
		})
	}
	wg.Wait()
	for i, r := range runs {
		require.NoError(t, errs[i])
		require.Equal(t, first[i], second[i], "%v", r)
	}
}

// sumsFile holds a line for each scenario: a hash of the pcap files of all its
// runs. Comments have no part in it, so that it changes with behaviour alone.
const sumsFile = "testdata/captures.sum"

// The captures are octet for octet those of every other machine.
func TestCaptureSums(t *testing.T) {
	pcaps := map[string][]byte{}
	for _, r := range libraryRuns(t) {
		o, err := r.play()
		require.NoError(t, err)
		sum := sha256.Sum256(o.pcap)
		pcaps[r.Name] = append(pcaps[r.Name], sum[:]...)
	}
	var lines []string
	for name, all := range pcaps {
		lines = append(lines, fmt.Sprintf("%x %s\n", sha256.Sum256(all), name))
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[2*sha256.Size:], b[2*sha256.Size:]) })
	if *update {
		require.NoError(t, os.WriteFile(sumsFile, []byte(strings.Join(lines, "")), 0o644))
	}
	want, err := os.ReadFile(sumsFile)
	require.NoError(t, err)
	require.Equal(t, slices.Collect(strings.Lines(string(want))), lines, "go test ./cmd/tcpsim -update writes it, if this is meant")
}
