package crowd

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

var update = flag.Bool("update", false, "write the golden files anew")

// formats are all that a result is written in.
var formats = map[string]func(*Result, io.Writer) error{
	"txt": (*Result).Text, "csv": (*Result).CSV, "json": (*Result).JSON, "svg": (*Result).SVG,
}

func written(t *testing.T, r *Result, format string) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, formats[format](r, &b))
	return b.String()
}

// unchanged plays the ready-made crowds as they are, once for all tests.
var unchanged = sync.OnceValues(func() (list []*Result, err error) {
	for _, s := range Ready() {
		r, err := Run(s)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
})

// Each format is as its golden file has it.
func TestGolden(t *testing.T) {
	results, err := unchanged()
	require.NoError(t, err)
	for _, r := range results {
		for format := range formats {
			got := written(t, r, format)
			name := filepath.Join("testdata", r.Spec.Name+"."+format)
			if *update {
				require.NoError(t, os.WriteFile(name, []byte(got), 0o644))
			}
			want, err := os.ReadFile(name)
			require.NoError(t, err)
			require.Equal(t, string(want), got, "go test ./sim/crowd -update writes it, if this is meant")
		}
	}
}

// A seed gives the same octets, alone and beside others; another seed others.
func TestSeed(t *testing.T) {
	s := calm(func(s *Spec) { s.Even, s.OnEOF, s.Share = false, Leak, 0.5 })
	want := map[string]string{}
	for format := range formats {
		want[format] = written(t, play(t, s), format)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			r, err := Run(s)
			if err != nil {
				t.Error(err)
				return
			}
			for format, write := range formats {
				var b bytes.Buffer
				if err := write(r, &b); err != nil || b.String() != want[format] {
					t.Error(format, err)
				}
			}
		})
	}
	wg.Wait()
	s.Seed = 1
	require.NotEqual(t, want["csv"], written(t, play(t, s), "csv"))
}

// CSV has a line for each sample, and every state of both hosts.
func TestCSV(t *testing.T) {
	r := play(t, calm(nil))
	rows, err := csv.NewReader(strings.NewReader(written(t, r, "csv"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+len(r.Samples))
	require.Len(t, rows[0], 4+2*11)
	require.Equal(t, []string{"seconds", "clients", "answered", "failed", "client descriptors", "client LISTEN"}, rows[0][:6])
	require.Equal(t, "server TIME-WAIT", rows[0][25])
	for i, s := range r.Samples {
		require.Equal(t, strconv.Itoa(60*i), rows[1+i][0])
		require.Equal(t, strconv.Itoa(s.Hosts[Client].States[fsm.TimeWait]), rows[1+i][14])
	}
}

// JSON says what the result says.
func TestJSON(t *testing.T) {
	r := play(t, ready(t, "restart-under-load", nil))
	var got struct {
		Crowd    string
		Settings map[string]string
		Clients  int
		Failures []struct {
			Seconds           float64
			Host, Call, Error string
			Times             int
			Cause             string
		}
		Restarted, Back float64
		Timeline        []struct {
			Seconds float64
			Server  struct {
				Descriptors int
				States      map[string]int
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(written(t, r, "json")), &got))
	require.Equal(t, r.Spec.Name, got.Crowd)
	require.Equal(t, r.Spec.Ports(), got.Settings["ports"])
	require.Equal(t, r.Arrived, got.Clients)
	require.Len(t, got.Failures, len(r.Failures))
	require.Equal(t, "EADDRINUSE", got.Failures[0].Error)
	require.Equal(t, 300.0, got.Restarted)
	require.Equal(t, 540.0, got.Back)
	require.Len(t, got.Timeline, len(r.Samples))
	for i, s := range r.Samples {
		require.Equal(t, s.At.Seconds(), got.Timeline[i].Seconds)
		require.Equal(t, s.Hosts[Server].States[fsm.TimeWait], got.Timeline[i].Server.States["TIME-WAIT"])
		require.Equal(t, s.Hosts[Server].Descriptors, got.Timeline[i].Server.Descriptors)
	}
}

var coordinate = regexp.MustCompile(`[ML](-?[\d.]+) (-?[\d.]+)`)

// A chart is well-formed, whatever its crowd is called; each of its lines can be
// told from the others of its plot without colour; nothing is drawn outside.
func TestSVG(t *testing.T) {
	results, err := unchanged()
	require.NoError(t, err)
	crowds := []Spec{
		calm(nil),
		calm(func(s *Spec) { s.Title = `<script>alert("1 & 2")</script>` }),
		calm(func(s *Spec) { s.Clients, s.Duration, s.After, s.Every = 1, time.Millisecond, 0, time.Hour }),
		calm(func(s *Spec) { s.Every = 200 * time.Millisecond }), // more samples than pixels
	}
	for _, s := range crowds {
		results = append(results[:len(results):len(results)], play(t, s))
	}
	for _, r := range results {
		s := r.Spec
		text := written(t, r, "svg")
		title, lines := "", 0
		d := xml.NewDecoder(strings.NewReader(text))
		seen := map[string]bool{}
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err, s.Name)
			e, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			require.NotEqual(t, "script", e.Name.Local)
			attr := map[string]string{}
			for _, a := range e.Attr {
				attr[a.Name.Local] = a.Value
			}
			switch {
			case e.Name.Local == "title":
				require.NoError(t, d.DecodeElement(&title, &e))
			case strings.HasPrefix(attr["class"], "line"):
				lines++
				points := coordinate.FindAllStringSubmatch(attr["d"], -1)
				require.LessOrEqual(t, len(points), maxPoints)
				for _, p := range points {
					x, err := strconv.ParseFloat(p[1], 64)
					require.NoError(t, err)
					y, err := strconv.ParseFloat(p[2], 64)
					require.NoError(t, err)
					require.True(t, plotLeft <= x && x <= plotRight && 0 <= y && y <= 900, "%s: %v %v", s.Name, x, y)
				}
			}
			seen[attr["class"]] = true
		}
		require.Equal(t, r.Spec.Heading(), title)
		require.GreaterOrEqual(t, lines, 2)
		require.True(t, seen["bg"])
	}
	for i := range styles {
		for k := range i {
			if styles[i].mark != "" && styles[k].mark != "" {
				require.NotEqual(t, styles[i].mark, styles[k].mark)
				require.NotEqual(t, [2]string{styles[i].dash, styles[i].mark}, [2]string{styles[k].dash, styles[k].mark})
			}
			require.Contains(t, marks, styles[max(i, 2)].mark)
		}
	}
}

// A crowd that was changed is not headed by a title that may not hold.
func TestHeading(t *testing.T) {
	s := ready(t, "close-wait-leak", nil)
	require.Equal(t, "close-wait-leak: the server never closes what its clients have closed", s.Heading())
	s.OnEOF, s.ReuseAddr = Close, true
	require.Equal(t, "close-wait-leak --on-eof=close --reuseaddr=true", s.Heading())
	s = calm(nil)
	require.Equal(t, "calm: a client every second", s.Heading())
}

// Axes have few marks, at round places.
func TestAxes(t *testing.T) {
	for top, want := range map[int]int{1: 1, 6: 1, 7: 2, 100: 20, 4220: 1000, 16384: 5000, 10_000_000: 2_000_000} {
		require.Equal(t, want, countStep(top), "%d", top)
	}
	for end, want := range map[time.Duration]time.Duration{
		time.Millisecond: time.Millisecond, time.Minute: 10 * time.Second, 20 * time.Minute: 2 * time.Minute,
		24 * time.Hour: 3 * time.Hour, maxDuration: 70 * 24 * time.Hour,
	} {
		require.Equal(t, fsm.Time(want), timeStep(fsm.Time(end)), "%v", end)
	}
	at := []int{5, 6, 7, 99, 100}
	spread(at, 10, 0, 100)
	require.Equal(t, []int{5, 15, 25, 90, 100}, at)
}

func TestTimes(t *testing.T) {
	for d, want := range map[time.Duration][3]string{
		0:                       {"0:00:00", "0", "0s"},
		90 * time.Minute:        {"1:30:00", "5400", "1h30m"},
		24 * time.Hour:          {"24:00:00", "86400", "24h"},
		1500 * time.Millisecond: {"0:00:01.500", "1.5", "1.5s"},
		10 * time.Minute:        {"0:10:00", "600", "10m"},
		100*time.Hour + 1:       {"100:00:00", "360000.000000001", "100h0m0.000000001s"},
	} {
		require.Equal(t, want, [3]string{clock(fsm.Time(d)), seconds(fsm.Time(d)), length(d)})
	}
}
