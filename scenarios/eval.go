package scenarios

import (
	"fmt"
	"strconv"
	"strings"
)

// evaluate tells whether an assertion holds. Its language is the part of
// Python's expressions that code blocks use: numbers, names, + - * / // % and
// | & ^ << >>, comparisons (chained too), and, or, not, brackets. Values are
// whole numbers; true is 1.
func evaluate(text string, name func(string) (int64, error)) (int64, error) {
	e := &evaluator{text: text, name: name}
	e.next()
	v := e.or(0)
	if e.err == nil && e.token != "" {
		e.fail("want an operator, got %q", e.token)
	}
	return v, e.err
}

type evaluator struct {
	text  string
	token string
	name  func(string) (int64, error)
	err   error
}

// maxDepth bounds the nesting of brackets.
const maxDepth = 100

func (e *evaluator) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
	e.text, e.token = "", ""
}

// operators, the longer ones first.
var operators = []string{"**", "//", "<<", ">>", "<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "%", "|", "&", "^", "~", "(", ")"}

// next takes the next token: a name, a number or an operator.
func (e *evaluator) next() {
	e.text = strings.TrimLeft(e.text, " \t\r\n")
	n := strings.IndexFunc(e.text, func(ch rune) bool {
		return ch != '.' && (ch > 127 || !isNameByte(byte(ch)))
	})
	if n < 0 {
		n = len(e.text)
	}
	if n == 0 && e.text != "" {
		for _, op := range operators {
			if strings.HasPrefix(e.text, op) {
				n = len(op)
				break
			}
		}
		if n == 0 {
			e.fail("unexpected %q", cutText(e.text))
			return
		}
	}
	e.token, e.text = e.text[:n], e.text[n:]
}

func cutText(s string) string {
	if len(s) > 20 {
		return s[:20] + "..."
	}
	return s
}

func (e *evaluator) take(tokens ...string) string {
	for _, t := range tokens {
		if e.err == nil && e.token == t {
			e.next()
			return t
		}
	}
	return ""
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (e *evaluator) or(depth int) int64 {
	v := e.and(depth)
	for e.take("or") != "" {
		if w := e.and(depth); v == 0 {
			v = w
		}
	}
	return v
}

func (e *evaluator) and(depth int) int64 {
	v := e.not(depth)
	for e.take("and") != "" {
		if w := e.not(depth); v != 0 {
			v = w
		}
	}
	return v
}

func (e *evaluator) not(depth int) int64 {
	if depth > maxDepth {
		e.fail("nested more than %d deep", maxDepth)
		return 0
	}
	if e.take("not") != "" {
		return truth(e.not(depth+1) == 0)
	}
	return e.comparison(depth)
}

func (e *evaluator) comparison(depth int) int64 {
	v := e.binary(0, depth)
	result, compared := int64(1), false
	for {
		op := e.take("<=", ">=", "==", "!=", "<", ">")
		if op == "" {
			break
		}
		w := e.binary(0, depth)
		holds := map[string]bool{
			"<=": v <= w, ">=": v >= w, "==": v == w, "!=": v != w, "<": v < w, ">": v > w,
		}[op]
		result, compared, v = result&truth(holds), true, w
	}
	if compared {
		return result
	}
	return v
}

// levels are the binary operators from the loosest to the tightest.
var levels = [][]string{{"|"}, {"^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "//", "/", "%"}}

func (e *evaluator) binary(level, depth int) int64 {
	if level == len(levels) {
		return e.unary(depth)
	}
	v := e.binary(level+1, depth)
	for {
		op := e.take(levels[level]...)
		if op == "" {
			return v
		}
		v = e.apply(op, v, e.binary(level+1, depth))
	}
}

func (e *evaluator) apply(op string, v, w int64) int64 {
	switch op {
	case "|":
		return v | w
	case "^":
		return v ^ w
	case "&":
		return v & w
	case "<<", ">>":
		if w < 0 || w > 62 {
			e.fail("shift by %d", w)
			return 0
		}
		if op == "<<" {
			return v << w
		}
		return v >> w
	case "+":
		return v + w
	case "-":
		return v - w
	case "*":
		return v * w
	}
	if w == 0 {
		e.fail("division by zero")
		return 0
	}
	if op == "%" {
		return v % w
	}
	return v / w
}

func (e *evaluator) unary(depth int) int64 {
	switch {
	case depth > maxDepth:
		e.fail("nested more than %d deep", maxDepth)
	case e.take("-") != "":
		return -e.unary(depth + 1)
	case e.take("+") != "":
		return e.unary(depth + 1)
	case e.take("~") != "":
		return ^e.unary(depth + 1)
	case e.take("(") != "":
		v := e.or(depth + 1)
		if e.take(")") == "" {
			e.fail(`want ")", got %q`, e.token)
		}
		return v
	}
	return e.primary()
}

func (e *evaluator) primary() int64 {
	t := e.token
	switch {
	case e.err != nil:
		return 0
	case t == "":
		e.fail("unexpected end")
		return 0
	case t == "True" || t == "False":
		e.next()
		return truth(t == "True")
	case t[0] >= '0' && t[0] <= '9':
		v, err := strconv.ParseInt(t, 0, 64)
		if err != nil {
			e.fail("%q is not a whole number", t)
			return 0
		}
		e.next()
		return v
	case t[0] == '_' || t[0] >= 'A':
		v, err := e.name(t)
		if err != nil {
			e.fail("%v", err)
			return 0
		}
		e.next()
		return v
	}
	e.fail("unexpected %q", t)
	return 0
}
