// Package compare plays one story under several profiles and tells what differs,
// and which switches made it.
//
// A story is a script without its expectations (scenarios.Config.Story): the same
// calls and forged segments at the same times. Each run is taken down from the log
// as lanes of items ([trace]): the segments of each direction, the calls and the
// states of each host. Lanes of the same kind are aligned by edit distance
// (align.go) into rows with one cell for each profile; a row whose cells are not
// all equal is a difference.
//
// What made a difference is found by experiment (cause.go): the story is played
// again under the first profile with one parameter set as the other has it. If the
// difference is gone, that parameter made it. If no single one does, the smallest
// set is looked for that does, by taking parameters out of the set of all; and if
// not even all of them make it vanish, the rules are named that fired where the
// two runs part.
//
// # Limits
//
// Segments are compared by flags, numbers, SACK blocks, the options of a SYN (shown
// where they are not those of the SYN before), and whether the window is closed;
// not by their timestamps or the size of the window.
// Of several parameters that would each do, those are named that leave the rest of
// the story as it is, and of these the one that makes the most differences; of
// several smallest sets, one. Differences of one kind that follow each other are
// told as one.
package compare
