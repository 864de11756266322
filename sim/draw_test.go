package sim

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// story is a short run with something of everything that a ladder shows: calls
// that return at once and later, text, a loss, a segment that is held back, one
// that is forged, a reset, and its signal.
func story(t *testing.T, follow func(n *Network)) {
	tn := newTestNet(t)
	follow(tn.Network)
	s, c := tn.server, tn.client
	s.Call(&Call{Op: OpSocket, Text: "socket(AF_INET, SOCK_STREAM, 0)"})
	s.bind(3, Endpoint{Port: testPort})
	s.listen(3, 1)
	c.socket()
	c.bind(3, Endpoint{Port: 1000})
	c.connect(3, s.at(testPort))
	tn.pass(3 * testDelay)
	s.accept(3)
	tn.Fault(Fault{Verb: Drop, Host: c.host.id, Text: WithText, Nth: 1, Count: 1})
	c.Call(&Call{Op: OpSend, FD: 3, N: 5, Text: `write(3, "hello", 5)`, Data: []byte("hello")})
	s.recv(4, 100)
	tn.pass(time.Second + 3*testDelay)
	iss := tn.conns.at(tn.demux.get(tuple{s.at(testPort), c.at(1000)})).ISS
	tn.Inject(Packet{From: s.at(testPort), To: c.at(1000), SeqBase: iss, Seg: fsm.Segment{Flags: fsm.RST, Seq: iss}})
	s.linger(4, true, 0)
	s.close(4)
	tn.pass(2 * testDelay)
	c.recv(3, 1)
}

const storyLadder = `
  time      client                                                server                rule                          clause
  0.000000                                                        socket(AF_INET, SOCK_STREAM, 0) = 3
                                                                  bind() = 0
                                                                  listen() = 0
                                                                  LISTEN                open-passive                  RFC 9293 3.10.1, CLOSED
            socket() = 3
            bind() = 0
            connect()
            SYN-SENT      ── S 0:0(0) ────────────────────────▶                         open-active                   RFC 9293 3.10.1, CLOSED
  0.010000                ◀───────────────── S. 0:0(0) ack 1 ──   SYN-RECEIVED          listen-syn                    RFC 9293 3.10.7.2, third
  0.020000  ESTABLISHED   ── . 1:1(0) ack 1 ──────────────────▶                         synsent-syn-ack               RFC 9293 3.10.7.3, fourth
            connect = 0  after 20ms
  0.030000                                                        ESTABLISHED           synrcvd-ack                   RFC 9293 3.10.7.4, fifth
                                                                  accept() = 4
            write(3, "hello", 5) = 5
                          ── P. 1:6(5) ack 1 ─────────────────✗                         send-text                     RFC 9293 3.10.2 (the script drops it)
                                                                  recv()
  1.030000                ── P. 1:6(5) ack 1 ─────────────────▶                         retransmit                    RFC 9293 3.10.8, RETRANSMISSION TIMEOUT, MUST-19
  1.040000                                                        recv = 5  after 1.01s
  1.060000                ◀─────────────── R 0:0(0) (forged) ──
            drops R                                                                     seq-unacceptable-rst          RFC 9293 3.10.7.4, first
                                                                  setsockopt() = 0
                                                                  close() = 0
                          ◀──────────────────────── R 1:1(0) ──   CLOSED                abort-reset                   RFC 9293 3.10.5
  1.070000  ! connection reset                                                          rst-reset                     RFC 9293 3.10.7.4, second, MUST-12
            CLOSED                                                                      rst-reset                     RFC 9293 3.10.7.4, second, MUST-12
  1.080000  recv() = -1 ECONNRESET
`

func TestLadder(t *testing.T) {
	var l *Ladder
	story(t, func(n *Network) { l = NewLadder(n) })
	require.Equal(t, storyLadder, "\n"+l.String())
}

// Colours change nothing but the colours.
func TestLadderInColour(t *testing.T) {
	var l *Ladder
	story(t, func(n *Network) { l = NewLadder(n) })
	var b strings.Builder
	require.NoError(t, l.Draw(&b, Colour))
	require.Contains(t, b.String(), "\x1b[1;34mESTABLISHED\x1b[0m")
	require.Contains(t, b.String(), "\x1b[31m! connection reset\x1b[0m")
	require.Equal(t, storyLadder[1:], regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(b.String(), ""))
}

const storyMermaid = `
sequenceDiagram
    participant client
    participant server
    Note over server: 0.000000 socket(AF_INET, SOCK_STREAM, 0) = 3
    Note over server: 0.000000 bind() = 0
    Note over server: 0.000000 listen() = 0
    Note over server: LISTEN (open-passive, RFC 9293 3.10.1, CLOSED)
    Note over client: 0.000000 socket() = 3
    Note over client: 0.000000 bind() = 0
    Note over client: 0.000000 connect()
    client->>server: 0.000000 S 0:0(0)
    Note over client: SYN-SENT (open-active, RFC 9293 3.10.1, CLOSED)
    server->>client: 0.010000 S. 0:0(0) ack 1
    Note over server: SYN-RECEIVED (listen-syn, RFC 9293 3.10.7.2, third)
    client->>server: 0.020000 . 1:1(0) ack 1
    Note over client: ESTABLISHED (synsent-syn-ack, RFC 9293 3.10.7.3, fourth)
    Note over client: 0.020000 connect = 0  after 20ms
    Note over server: ESTABLISHED (synrcvd-ack, RFC 9293 3.10.7.4, fifth)
    Note over server: 0.030000 accept() = 4
    Note over client: 0.030000 write(3, "hello", 5) = 5
    client--xserver: 0.030000 P. 1:6(5) ack 1 (the script drops it)
    Note over server: 0.030000 recv()
    client->>server: 1.030000 P. 1:6(5) ack 1
    Note over server: 1.040000 recv = 5  after 1.01s
    server->>client: 1.060000 R 0:0(0) (forged)
    Note over client: 1.060000 drops R
    Note over server: 1.060000 setsockopt() = 0
    Note over server: 1.060000 close() = 0
    server->>client: 1.060000 R 1:1(0)
    Note over server: CLOSED (abort-reset, RFC 9293 3.10.5)
    Note over client: 1.070000 ! connection reset
    Note over client: CLOSED (rst-reset, RFC 9293 3.10.7.4, second, MUST-12)
    Note over client: 1.080000 recv() = -1 ECONNRESET
`

func TestMermaid(t *testing.T) {
	var l *Ladder
	story(t, func(n *Network) { l = NewLadder(n) })
	var b strings.Builder
	require.NoError(t, l.Mermaid(&b))
	require.Equal(t, storyMermaid, "\n"+b.String())
}

// What would end a statement of Mermaid stays out of its texts.
func TestMermaidText(t *testing.T) {
	require.Equal(t, "a#59; b#35; c d", mermaidText("a; b# c\nd"))
}

const refusedLog = `
{"at":0,"kind":"call","host":"client","call":"socket()"}
{"at":0,"kind":"return","host":"client","call":"socket()","result":"3"}
{"at":0,"kind":"call","host":"client","call":"bind()"}
{"at":0,"kind":"return","host":"client","call":"bind()","result":"0"}
{"at":0,"kind":"call","host":"client","call":"connect()"}
{"at":0,"kind":"state","host":"client","connection":1,"from":"CLOSED","to":"SYN-SENT","rule":"open-active","clause":"RFC 9293 3.10.1, CLOSED"}
{"at":0,"kind":"send","host":"client","connection":1,"from":"CLOSED","to":"SYN-SENT","rule":"open-active","clause":"RFC 9293 3.10.1, CLOSED","segment":{"number":1,"src":"192.0.2.1:1000","dst":"192.0.2.2:80","text":"S 0:0(0)","flags":"S","seq":0,"len":0,"window":65535,"options":"mss 1460,sackOK,TS val 0 ecr 0,nop,wscale 7"}}
{"at":0.01,"kind":"arrive","host":"server","segment":{"number":1,"src":"192.0.2.1:1000","dst":"192.0.2.2:80","text":"S 0:0(0)","flags":"S","seq":0,"len":0,"window":65535,"options":"mss 1460,sackOK,TS val 0 ecr 0,nop,wscale 7"}}
{"at":0.01,"kind":"send","host":"server","from":"CLOSED","to":"CLOSED","rule":"closed-reset","clause":"RFC 9293 3.10.7.1","segment":{"number":2,"src":"192.0.2.2:80","dst":"192.0.2.1:1000","text":"R. 0:0(0) ack 1","flags":"R.","seq":0,"ack":1,"len":0,"window":0}}
{"at":0.01,"kind":"drop","host":"server","rule":"closed-reset","clause":"RFC 9293 3.10.7.1"}
{"at":0.02,"kind":"arrive","host":"client","connection":1,"segment":{"number":2,"src":"192.0.2.2:80","dst":"192.0.2.1:1000","text":"R. 0:0(0) ack 1","flags":"R.","seq":0,"ack":1,"len":0,"window":0}}
{"at":0.02,"kind":"drop","host":"client","connection":1,"rule":"synsent-rst-refused","clause":"RFC 9293 3.10.7.3, second, MUST-12"}
{"at":0.02,"kind":"signal","host":"client","connection":1,"rule":"synsent-rst-refused","clause":"RFC 9293 3.10.7.3, second, MUST-12","told":"connection refused"}
{"at":0.02,"kind":"state","host":"client","connection":1,"from":"SYN-SENT","to":"CLOSED","rule":"synsent-rst-refused","clause":"RFC 9293 3.10.7.3, second, MUST-12"}
{"at":0.02,"kind":"return","host":"client","call":"connect()","result":"-1 ECONNREFUSED"}
`

// A run as JSON: a refused connection, an event a line.
func TestRunLog(t *testing.T) {
	tn := newTestNet(t)
	l := NewRunLog(tn.Network)
	fd := tn.client.socket()
	tn.client.bind(fd, Endpoint{Port: 1000})
	tn.client.connect(fd, tn.server.at(testPort))
	tn.pass(2 * testDelay)
	var lines strings.Builder
	for _, e := range l.Events {
		text, err := json.Marshal(e)
		require.NoError(t, err)
		lines.Write(append(text, '\n'))
	}
	require.Equal(t, refusedLog, "\n"+lines.String())

	var b strings.Builder
	require.NoError(t, l.Write(&b, map[string]any{"script": "a < b"}))
	var whole struct {
		Script string
		Hosts  []struct {
			Name, Profile string
			Addresses     []string
		}
		Events []RunEvent
	}
	require.NoError(t, json.Unmarshal([]byte(b.String()), &whole))
	require.Contains(t, b.String(), `"script": "a < b"`)
	require.Equal(t, l.Events, whole.Events)
	require.Equal(t, []string{"192.0.2.1", "2001:db8::1"}, whole.Hosts[0].Addresses)
	require.Equal(t, "server rfc9293", whole.Hosts[1].Name+" "+whole.Hosts[1].Profile)
}
