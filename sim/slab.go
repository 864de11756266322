package sim

// chunk is how many values lie together in memory.
const chunk = 64

// slab holds values by number. They do not move, so that a pointer stays good
// while others come and go, and a number that was given back is given out again.
type slab[T any] struct {
	chunks []*[chunk]T
	free   []int32
	count  int32
}

func (s *slab[T]) at(i int32) *T { return &s.chunks[uint32(i)/chunk][uint32(i)%chunk] }

// take gives a number and its value, which is as its last user left it.
func (s *slab[T]) take() (int32, *T) {
	if k := len(s.free) - 1; k >= 0 {
		i := s.free[k]
		s.free = s.free[:k]
		return i, s.at(i)
	}
	if int(s.count) == chunk*len(s.chunks) {
		s.chunks = append(s.chunks, new([chunk]T))
	}
	s.count++
	return s.count - 1, s.at(s.count - 1)
}

func (s *slab[T]) give(i int32) { s.free = append(s.free, i) }
