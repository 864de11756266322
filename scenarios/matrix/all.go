package matrix

import "sync"

// RunAll plays cells on so many workers, and gives their results in the cells'
// order. Each cell is a world of its own, so the results do not depend on how
// many workers there are. done, if it is not nil, is called for each from the
// goroutine of the caller, in that order.
func RunAll(cells []Cell, workers int, done func(*Result)) []Result {
	results := make([]Result, len(cells))
	inOrder(len(cells), workers, func(i int) { results[i] = Run(cells[i]) }, func(i int) {
		if done != nil {
			done(&results[i])
		}
	})
	return results
}

// Exported is a cell as a script, or why there is none.
type Exported struct {
	Cell   Cell
	Text   []byte
	Reason string // why it cannot be reached
	Err    error
}

// Scripts writes cells as scripts on so many workers, and hands them out in the
// cells' order until one is not wanted any more.
func Scripts(cells []Cell, workers int, take func(Exported) error) error {
	list := make([]Exported, len(cells))
	var first error
	inOrder(len(cells), workers, func(i int) {
		text, reason, err := Script(cells[i])
		list[i] = Exported{cells[i], text, reason, err}
	}, func(i int) {
		if first == nil {
			first = take(list[i])
		}
		list[i] = Exported{}
	})
	return first
}

// inOrder does n things on so many workers, and then what follows each in the
// caller's goroutine, in their order.
func inOrder(n, workers int, do, then func(int)) {
	const block = 64 // most take less time than it takes to hand one over
	blocks := (n + block - 1) / block
	ready := make([]chan struct{}, blocks)
	for b := range ready {
		ready[b] = make(chan struct{})
	}
	each := func(b int, f func(int)) {
		for i := b * block; i < min((b+1)*block, n); i++ {
			f(i)
		}
	}
	work := make(chan int)
	var wg sync.WaitGroup
	for range max(1, min(workers, blocks)) {
		wg.Go(func() {
			for b := range work {
				each(b, do)
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
		each(b, then)
	}
	wg.Wait()
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
