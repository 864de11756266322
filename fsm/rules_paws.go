package fsm

import "time"

// pawsRules look at the timestamps of a segment, before its sequence number (RFC
// 7323 5).
var pawsRules = []Rule{
	{
		Name: "paws-old-timestamp", Cite: Cite{7323, "5.3", "R1", ""},
		Says: "a segment with a timestamp older than the last in sequence is an old duplicate: it is acknowledged and dropped",
		With: Timestamps, On: EvSegment, At: AtSeq, In: others,
		have: flagTimestamps, When: (*Conn).pawsRejects,
		Do: func(c *Conn, seg *Segment) {
			if c.features&AnswersLimited != 0 && seg.SeqLen() == 0 {
				c.challenge()
				return
			}
			ackAndDrop(c, seg)
		}, Then: Done,
	},
	{
		// A SYN tells of another connection, and RFC 6191 has a use for one
		// without timestamps.
		Name: "timestamp-missing", Cite: Cite{7323, "3.2", "", ""},
		Says: "where every segment carries timestamps, one without them is dropped without a word",
		With: Timestamps | TimestampsRequired, On: EvSegment, At: AtSeq, In: others,
		have: flagTimestamps,
		When: func(_ *Conn, seg *Segment) bool { return seg.Has&OptTimestamps == 0 && seg.Flags&(RST|SYN) == 0 },
		Do:   dropped, Then: Done,
	},
}

// tsIdle is how long TS.Recent counts: "more than 24 days" later the clock may
// have wrapped (RFC 7323 5.5).
const tsIdle = 24 * 24 * time.Hour

// pawsRejects reports whether the segment is older than TS.Recent allows. A RST
// is not tested: it may come from an end that has lost its clock (RFC 7323 5.2).
func (c *Conn) pawsRejects(seg *Segment) bool {
	return seg.Has&OptTimestamps != 0 && seg.Flags&RST == 0 &&
		int32(seg.TSVal-c.TSRecent) < 0 && c.now.Sub(c.TSRecentAt) <= tsIdle
}

// noteTimestamp sets TS.Recent from an acceptable segment that begins at or
// before the last ACK sent (RFC 7323 4.3 and 5.3 R3). A RST changes nothing (RFC
// 7323 5.2).
func (c *Conn) noteTimestamp(seg *Segment) {
	if c.is(flagTimestamps) && seg.Has&OptTimestamps != 0 && seg.Flags&RST == 0 && seg.Seq.LessEq(c.LastAck) {
		c.TSRecent, c.TSRecentAt = seg.TSVal, c.now
	}
}
