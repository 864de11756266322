package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim"
)

func newTest() *cobra.Command {
	var format, profile string
	var jobs int
	var verbose, ipv6 bool
	cmd := &cobra.Command{
		Use:   "test [PATH|SCENARIO ...]",
		Short: "Check scripts: every expectation must hold",
		Long: "Check scripts: files, directories (walked for .pkt files), scenarios or families of the library.\n" +
			"Without arguments the whole library is checked.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := choice("format", format, scenarios.ReportFormats); err != nil {
				return err
			}
			if err := checkProfile(profile); err != nil {
				return err
			}
			if jobs < 1 {
				return fmt.Errorf("--jobs: %d is not a number of scripts", jobs)
			}
			list, err := findAll(cmd, args)
			if err != nil {
				return err
			}
			return testAll(cmd, list, format, verbose, jobs, scenarios.Config{Profile: profile, IPv6: ipv6})
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json, tap or junit")
	cmd.Flags().StringVar(&profile, "profile", "", "play under this profile (see a script's --profiles)")
	cmd.Flags().BoolVarP(&ipv6, "ipv6", "6", false, "play over IPv6, whatever the scripts say")
	cmd.Flags().IntVarP(&jobs, "jobs", "j", runtime.GOMAXPROCS(0), "how many scripts are played at once")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "name what passes too")
	return cmd
}

// testAll plays scripts, several at once, and reports them in the order in which
// they were named.
func testAll(cmd *cobra.Command, list []source, format string, verbose bool, jobs int, cfg scenarios.Config) error {
	rep, err := scenarios.NewReporter(cmd.OutOrStdout(), format, verbose)
	if err != nil {
		return err
	}
	begin := time.Now()
	results := make([]chan []scenarios.Outcome, len(list))
	for i := range results {
		results[i] = make(chan []scenarios.Outcome, 1)
	}
	work := make(chan int)
	var wg sync.WaitGroup
	for range min(jobs, len(list)) {
		wg.Go(func() {
			for i := range work {
				results[i] <- play(list[i], cfg)
			}
		})
	}
	go func() {
		for i := range list {
			work <- i
		}
		close(work)
	}()
	var sum scenarios.Summary
	bar := newProgress(cmd.ErrOrStderr(), len(list))
	for _, r := range results {
		for _, o := range <-r {
			sum.Add(&o)
			if err := rep.Report(&o); err != nil {
				return err
			}
		}
		bar.step()
	}
	wg.Wait()
	bar.clear()
	if err := rep.Close(time.Since(begin)); err != nil {
		return err
	}
	switch {
	case sum.Error > 0:
		return errReported
	case sum.Fail > 0:
		return errFailed
	}
	return nil
}

// play reads a script and plays it under its profiles.
func play(s source, cfg scenarios.Config) []scenarios.Outcome {
	parsed, err := s.parse()
	if err != nil {
		return []scenarios.Outcome{scenarios.Broken(s.name, err)}
	}
	return scenarios.Play(parsed, cfg)
}

// checkProfile checks the value of --profile.
func checkProfile(name string) error {
	if name == "" {
		return nil
	}
	return choice("profile", name, sim.Profiles())
}

// progress is a line on a terminal's standard error that tells how far work has
// come, once it takes longer than a second.
type progress struct {
	w     *os.File
	total int
	done  int
	begin time.Time
	shown bool
}

func newProgress(w any, total int) *progress {
	p := &progress{total: total, begin: time.Now()}
	if f, ok := w.(*os.File); ok && isTerminal(f) {
		p.w = f
	}
	return p
}

func (p *progress) step() {
	p.done++
	if p.w != nil && time.Since(p.begin) > time.Second {
		p.shown = true
		fmt.Fprintf(p.w, "\r\x1b[K%d of %d", p.done, p.total)
	}
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
