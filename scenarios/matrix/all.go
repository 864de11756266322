package matrix

import "sync"

// RunAll plays cells on so many workers, and gives their results in the cells'
// order. Each cell is a world of its own, so the results do not depend on how
// many workers there are. done, if it is not nil, is called for each from the
// goroutine of the caller, in that order.
func RunAll(cells []Cell, workers int, done func(*Result)) []Result {
	results := make([]Result, len(cells))
	// Cells go out in blocks: most take less time than it takes to hand one over.
	const block = 64
	blocks := (len(cells) + block - 1) / block
	ready := make([]chan struct{}, blocks)
	for i := range ready {
		ready[i] = make(chan struct{})
	}
	work := make(chan int)
	var wg sync.WaitGroup
	for range max(1, min(workers, blocks)) {
		wg.Go(func() {
			for b := range work {
				for i := b * block; i < min((b+1)*block, len(cells)); i++ {
					results[i] = Run(cells[i])
				}
				close(ready[b])
			}
		})
	}
	wg.Go(func() {
		for b := range blocks {
			work <- b
		}
		close(work)
	})
	for b := range blocks {
		<-ready[b]
		for i := b * block; i < min((b+1)*block, len(cells)) && done != nil; i++ {
			done(&results[i])
		}
	}
	wg.Wait()
	return results
}

// Summary counts what came of cells.
type Summary struct {
	Cells, Reachable, Outcomes, Broken int
}

// Sum counts results.
func Sum(results []Result) Summary {
	s := Summary{Cells: len(results)}
	seen := map[string]bool{}
	for i := range results {
		r := &results[i]
		s.Broken += len(r.Broken)
		if r.Reason == "" {
			s.Reachable++
			seen[r.Outcome()] = true
		}
	}
	s.Outcomes = len(seen)
	return s
}
