package scenarios

import (
	"fmt"
	"os"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

func TestPlayTmp(t *testing.T) {
	for _, f := range os.Args {
		if len(f) > 4 && f[len(f)-4:] == ".pkt" {
			b, _ := os.ReadFile(f)
			s, err := script.Parse(f, b)
			if err != nil {
				fmt.Println(err)
				continue
			}
			for _, o := range Play(s, Config{Profile: os.Getenv("PROF"), Attach: func(n *sim.Network, _ Run) error {
				if os.Getenv("LADDER") != "" {
					l := sim.NewLadder(n)
					t.Cleanup(func() { fmt.Println(l) })
				}
				return nil
			}}) {
				fmt.Println(o.String(), o.Virtual, o.Packets)
			}
		}
	}
}
