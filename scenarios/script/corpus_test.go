package script

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// corpora are trees of scripts that others wrote, where they are at hand.
var corpora = []string{"../library", "../../../shared/packetdrill", "../../../shared/oracle"}

// Every script of the suites can be read, and printed without loss.
func TestCorpora(t *testing.T) {
	for _, dir := range corpora {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			if _, err := os.Stat(dir); err != nil {
				t.Skipf("no scripts: %v", err)
			}
			n := 0
			err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
				if err != nil || filepath.Ext(path) != ".pkt" {
					return err
				}
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				wantRoundTrip(t, path, text)
				n++
				return nil
			})
			require.NoError(t, err)
			t.Logf("%d scripts", n)
		})
	}
}
