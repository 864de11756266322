//go:build race

package crowd

// raced tells that the race detector is on: what has no goroutines is played less
// often then, as it takes ten times as long.
const raced = true
