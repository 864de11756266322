package crowd

import (
	"fmt"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// clock writes an instant as h:mm:ss, with milliseconds if it has some.
func clock(t fsm.Time) string {
	ms := int64(t) / int64(time.Millisecond)
	s := ms / 1000
	text := fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	if ms%1000 != 0 {
		text += fmt.Sprintf(".%03d", ms%1000)
	}
	return text
}

// length writes a duration without the units that are zero: "24h", "1h30m".
func length(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// seconds writes an instant in seconds, with as many places as it needs.
func seconds(t fsm.Time) string {
	text := fmt.Sprintf("%d.%09d", int64(t)/int64(time.Second), int64(t)%int64(time.Second))
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
