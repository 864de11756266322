package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The octet at an offset is the same whatever segment it comes in, and where
// offsets wrap.
func TestPattern(t *testing.T) {
	for _, off := range []uint32{0, 1, 26, 27, 1727, 1728, 1<<31 - 1, 1<<32 - 27, 1<<32 - 1} {
		for _, count := range []int{0, 1, 26, 27, 28, 1460, 1728, 5000, 65535} {
			got := appendPattern([]byte("x"), off, count)
			require.Len(t, got, 1+count)
			for i, c := range got[1:] {
				require.Equal(t, alphabet[(off+uint32(i))%uint32(len(alphabet))], c, "octet %d from %d", i, off)
			}
		}
	}
}
