package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The octet at an offset is the same whatever segment it comes in, and where
// offsets wrap.
func TestPattern(t *testing.T) {
	for _, off := range []uint32{0, 1, 25, 26, 1663, 1664, 1<<31 - 1, 1<<32 - 27, 1<<32 - 1} {
		for _, count := range []int{0, 1, 25, 26, 27, 1460, 1664, 5000, 65535} {
			got := appendPattern([]byte("x"), off, count)
			require.Len(t, got, 1+count)
			for i, c := range got[1:] {
				require.Equal(t, 'a'+byte((off+uint32(i))%26), c, "octet %d from %d", i, off)
			}
		}
	}
}
