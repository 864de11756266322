//go:build !race

package docs

const raced = false
