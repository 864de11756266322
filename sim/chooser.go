package sim

import "fmt"

// Choice names a decision that nothing determines.
type Choice uint8

// The choices.
const (
	ChooseISN       Choice = iota // an initial sequence number
	ChoosePort                    // where the search for an ephemeral port begins
	ChooseLoss                    // whether a packet is lost
	ChooseDuplicate               // whether a packet is repeated
	ChooseReorder                 // whether a packet is overtaken
	ChooseJitter                  // how much longer a packet takes
	ChooseArrival                 // when a client of a crowd comes
	ChooseLapse                   // whether a program of a crowd forgets to close
)

func (c Choice) String() string {
	names := [...]string{"ISN", "port", "loss", "duplicate", "reorder", "jitter", "arrival", "lapse"}
	if int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("Choice(%d)", uint8(c))
}

// Chooser makes every free choice of a simulation, and is the only place where
// chance comes in: seeded in a simulation, enumerated in an exploration,
// replayed from a failure.
type Chooser interface {
	// Choose gives a number in [0, n). n is at least 1.
	Choose(what Choice, n uint64) uint64
}

// seeded chooses by a pseudo-random generator, SplitMix64: its whole state is
// one number, and it is the same on every platform.
type seeded struct{ state uint64 }

// Seeded gives a Chooser that makes the same choices for the same seed.
func Seeded(seed uint64) Chooser { return &seeded{seed} }

func (s *seeded) Choose(_ Choice, n uint64) uint64 {
	s.state += 0x9e3779b97f4a7c15
	return mix(s.state) % n
}

// mix is the finalizer of SplitMix64: each bit of z reaches all bits of the result.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
