package script

// A Script is one .pkt file: options, then events, with the comments and
// blank lines between them, in the order of the file.
type Script struct {
	Name  string // the file's name, as positions print it
	Items []Item
}

// An Item is a line or a group of lines of a script.
type Item interface{ item() }

// Comment is a line, or several, that holds nothing else. Text keeps the
// comment's own marks ("// ..." or "/* ... */"), without the line's indent.
type Comment struct {
	Pos  Pos
	Text string
}

// Blank is one or more empty lines.
type Blank struct{ Pos Pos }

// Option is a line "--name=value" or "--name". A value keeps its spelling.
type Option struct {
	Pos     Pos
	Name    string // "tolerance_usecs", without the dashes
	Value   string
	HasArg  bool   // "--name=" has one, "--name" has none
	Comment string // a comment behind it on its line, with its marks
}

// Conditional is "#ifdef NAME" ... "#endif".
type Conditional struct {
	Pos   Pos
	Name  string
	Items []Item
}

// Event is one step of the script: when, who, what.
type Event struct {
	Pos      Pos
	Profiles []string // "@linux,windows": only under these; nil: under all
	Time     Time
	Host     string // "client" of "client/worker close(3) = 0"; "" in a one-host script
	Process  string // "worker"; "" is the host's first process
	At       Pos    // where the host begins, or what it does
	Action   Action
	Comment  string // a comment behind it on its line, with its marks
}

func (Comment) item()      {}
func (Blank) item()        {}
func (Option) item()       {}
func (*Conditional) item() {}
func (*Event) item()       {}

// Pos is a place in a script: lines and columns count from 1, columns in bytes.
type Pos struct {
	Line, Column int
}

// TimeKind tells how an event's time counts.
type TimeKind uint8

// The kinds of time.
const (
	NoTime   TimeKind = iota // an untimed command before the first event or after the last
	Absolute                 // 0.1: since the start of the script
	Relative                 // +.1: since the event before
	Anytime                  // *: an outbound packet only
)

// Time is when an event takes place.
type Time struct {
	Pos   Pos
	Kind  TimeKind
	At    Micros // start
	Upto  Micros // a~b, +a~+b: the end of the window of an outbound packet
	Until Micros // a...b: when a blocking call must have returned
	Range bool   // Upto is set
	Block bool   // Until is set, or Never
	Never bool   // a...never: the call still blocks when the script ends
}

// Micros is a time or a length of time of a script, in microseconds.
type Micros int64

// An Action is what an event does.
type Action interface {
	action()
	String() string
}

// Call is a system call "name(args) = result", or a question to the simulator
// of the same form (tcp_state, tcp_states, exit ...).
type Call struct {
	Pos     Pos
	Name    string
	Args    []Expr
	Result  Expr   // Int, Sym, Any, Range, Struct (a census), Str or Assign (fork() = worker is a Sym); nil if the line has no "="
	Errno   string // "EPIPE" of "= -1 EPIPE (Broken pipe)"; "" if none
	Note    string // the text in parentheses behind the result, without them
	NotePos Pos
}

// Packet is a segment that is expected (outbound) or injected (inbound), or,
// with ICMP set, an ICMP message.
type Packet struct {
	Pos      Pos
	Inbound  bool      // "<"
	From, To *Endpoint // "client:40001 > server:80 F. ..." and "< 40001 > 80 S ...": nil if not given
	IP       []IPInfo  // "[ect0]", "(ttl 64)"
	Encap    string    // "encap psp" and such, in its own words; "" if none
	ICMP     *ICMP
	TCP      TCP
	UDP      *[2]Expr // nplab's suffix "/udp(9899 > 9899)"
	MD5      string   // "valid" or "invalid" behind "md5": nplab; "" if none
}

// Endpoint is a port, with its host where the script names it.
type Endpoint struct {
	Pos  Pos
	Host string
	Port int
}

// IPInfo is a statement about the IP header: "[ect0]" has the name "ect0",
// "(ttl 64)" the name "ttl" and the value 64.
type IPInfo struct {
	Pos   Pos
	Name  string
	Value Expr // nil for [ect0] and its kind
	Round bool // written in round brackets
}

// TCP is the header of a segment in a script.
type TCP struct {
	Flags    string // as written: "S", "F.", "FP.", "-"
	FlagsPos Pos
	SeqPos   Pos
	Seq      uint32 // start
	End      uint32 // start + len, as written
	Len      int
	Signed   bool // a number is written with a minus sign: "-1:-1(0)"
	AnySeq   bool // "...(n)": nplab: any sequence number
	Literal  bool // "a:b(n)!": nplab: absolute, not mapped
	Ack      *uint32
	Wnd      *int
	Urg      *int
	Options  *TCPOptions // nil: not given
}

// TCPOptions is "<...>" (Any) or "<mss 1460,nop,wscale 7>".
type TCPOptions struct {
	Pos  Pos
	Any  bool
	List []TCPOption
}

// TCPOption is one TCP option of a packet: Name is its spelling in scripts
// ("mss", "wscale", "sackOK", "TS", "sack", "nop", "eol", "FO", "FOEXP",
// "md5"), Args its numbers in order: mss and wscale have one, TS has val and
// ecr, sack has the edges of its blocks, two a block.
type TCPOption struct {
	Pos  Pos
	Name string
	Args []uint32
	Text string // what FO, FOEXP and md5 carry, as written
}

// ICMP is "icmp unreachable frag_needed mtu 1200 [1:1461(1460)]".
type ICMP struct {
	Pos    Pos
	Type   string
	Code   string // "" if the line has none
	MTU    *int
	Seq    uint32 // of the quoted segment
	End    uint32
	Len    int
	Signed bool // a number is written with a minus sign
	Quote  bool // "[...]" was given
	UDP    bool // the quote is "[udp (100)]"
}

// Command is a line in back-quotes. tcpsim interprets the few that it knows
// and runs none.
type Command struct {
	Pos  Pos
	Text string // between the quotes
}

// Code is a block "%{ ... }%" of assertions.
type Code struct {
	Pos  Pos
	Text string // between the marks
}

// LinkVerb is what a link line does.
type LinkVerb string

// The verbs of link lines.
const (
	LinkDrop      LinkVerb = "drop"
	LinkDelay     LinkVerb = "delay"
	LinkDuplicate LinkVerb = "duplicate"
	LinkDown      LinkVerb = "down"
	LinkUp        LinkVerb = "up"
)

// Link is "link drop client > F!S data #2 x3 until 2.5": a fault of the
// network, put in by meaning.
type Link struct {
	Pos      Pos
	Verb     LinkVerb
	Host     string // who sends the segment; "" for down and up
	Any      bool   // "*": whatever the flags
	Flags    string // letters that must be set
	NotFlags string // letters that must not be
	Data     string // "data", "nodata" or ""
	Nth      int    // "#2"; 1 if not given
	Count    int    // "x3"; 1 if not given; 0 for "x*", all
	Until    *Micros
	By       Micros // "+.5": the delay, or the distance of the copy
}

func (*Call) action()    {}
func (*Packet) action()  {}
func (*Command) action() {}
func (*Code) action()    {}
func (*Link) action()    {}

// An Expr is an argument or a result of a call.
type Expr interface {
	expr()
	String() string
}

// Int is a number. Text is its spelling, "0x02" for one.
type Int struct {
	Pos   Pos
	Value int64
	Text  string
}

// Str is a string literal: Value is what it stands for, Text its spelling
// with the quotes. More is set if "..." follows it, as where strace cuts it.
type Str struct {
	Pos   Pos
	Value string
	Text  string
	More  bool
}

// Sym is a name: a constant, an errno, a state, a process.
type Sym struct {
	Pos  Pos
	Name string
}

// Any is "...".
type Any struct{ Pos Pos }

// Or is "A | B | C".
type Or struct {
	Pos Pos
	Of  []Expr
}

// Range is "0...100", both ends included.
type Range struct {
	Pos    Pos
	Lo, Hi int64
}

// List is "[a, b]".
type List struct {
	Pos Pos
	Of  []Expr
}

// Struct is "{...}": its fields in order. An iovec {..., 10} has two fields
// without names, a census {LISTEN 1, CLOSE_WAIT 2} two with Name and Value and
// Census set, an option {onoff=1, linger=0} two with Name and Value.
type Struct struct {
	Pos    Pos
	Fields []Field
	Census bool // fields are "NAME value", without "="; {} is an empty census too
}

// Field is one field of a Struct. Arg is the n of "msg_iov(n)=...".
type Field struct {
	Pos   Pos
	Name  string // "" if the field has none
	Arg   Expr
	Value Expr
}

// Addr is a socket address by host name: {server:80}, or {*:80}, the wildcard.
type Addr struct {
	Pos  Pos
	Host string // "*" for the wildcard
	Port int
}

// Apply is "htons(8080)", "inet_addr("192.0.2.1")", "sizeof(x)".
type Apply struct {
	Pos  Pos
	Name string
	Args []Expr
}

func (Int) expr()    {}
func (Str) expr()    {}
func (Sym) expr()    {}
func (Any) expr()    {}
func (Or) expr()     {}
func (Range) expr()  {}
func (List) expr()   {}
func (Struct) expr() {}
func (Addr) expr()   {}
func (Apply) expr()  {}

// Position gives the place where an expression begins.
func Position(e Expr) Pos {
	switch e := e.(type) {
	case Int:
		return e.Pos
	case Str:
		return e.Pos
	case Sym:
		return e.Pos
	case Any:
		return e.Pos
	case Or:
		return e.Pos
	case Range:
		return e.Pos
	case List:
		return e.Pos
	case Struct:
		return e.Pos
	case Addr:
		return e.Pos
	case Apply:
		return e.Pos
	}
	return Pos{}
}
