"""A Forth with colon definitions, loops and conditionals, threaded code."""

SOURCE = """
: square dup * ;
: even? 2 mod 0 = ;
: collatz 0 swap begin dup 1 > while
    dup even? if 2 / else 3 * 1 + then swap 1 + swap repeat drop ;
: sum-squares 0 swap 0 do i square + loop ;
: gcd begin dup 0 > while swap over mod repeat drop ;
: coprime 0 swap dup 1 do dup i gcd 1 = if swap 1 + swap then loop drop ;
: longest 0 swap 1 do i collatz max loop ;
4000 longest .
60000 sum-squares .
0 150 1 do i coprime + loop .
"""


class Forth:
    def __init__(self):
        self.stack = []
        self.loops = []
        self.output = []
        self.words = {}

    def compile(self, tokens):
        code, marks = [], []
        for token in tokens:
            if token == "if":
                marks.append(("branch0", len(code)))
                code.append(None)
            elif token == "else":
                kind, at = marks.pop()
                marks.append(("jump", len(code)))
                code.append(None)
                code[at] = (kind, len(code))
            elif token == "then":
                kind, at = marks.pop()
                code[at] = (kind, len(code))
            elif token in ("begin", "do"):
                if token == "do":
                    code.append(("do", None))
                marks.append(len(code))
            elif token == "while":
                marks.append(len(code))
                code.append(None)
            elif token == "repeat":
                at, start = marks.pop(), marks.pop()
                code.append(("jump", start))
                code[at] = ("branch0", len(code))
            elif token == "loop":
                code.append(("loop", marks.pop()))
            elif token in self.words:
                code.append(("call", token))
            elif token.lstrip("-").isdigit():
                code.append(("push", int(token)))
            else:
                code.append(("do_" + NAMES[token], None))
        return code

    def load(self, source):
        tokens, main = iter(source.split()), []
        for token in tokens:
            if token == ":":
                name, body = next(tokens), []
                for token in tokens:
                    if token == ";":
                        break
                    body.append(token)
                self.words[name] = self.compile(body)
            else:
                main.append(token)
        self.run(self.compile(main))

    def run(self, code):
        stack, loops, at = self.stack, self.loops, 0
        while at < len(code):
            op, operand = code[at]
            at += 1
            if op == "push":
                stack.append(operand)
            elif op == "call":
                self.run(self.words[operand])
            elif op == "branch0":
                if not stack.pop():
                    at = operand
            elif op == "jump":
                at = operand
            elif op == "do":
                start, end = stack.pop(), stack.pop()
                loops.append([start, end])
            elif op == "loop":
                frame = loops[-1]
                frame[0] += 1
                if frame[0] < frame[1]:
                    at = operand
                else:
                    loops.pop()
            else:
                getattr(self, op)()

    def do_i(self):
        self.stack.append(self.loops[-1][0])

    def do_dup(self):
        self.stack.append(self.stack[-1])

    def do_drop(self):
        self.stack.pop()

    def do_swap(self):
        s = self.stack
        s[-1], s[-2] = s[-2], s[-1]

    def do_over(self):
        self.stack.append(self.stack[-2])

    def do_add(self):
        b = self.stack.pop()
        self.stack[-1] += b

    def do_mul(self):
        b = self.stack.pop()
        self.stack[-1] *= b

    def do_div(self):
        b = self.stack.pop()
        self.stack[-1] //= b

    def do_mod(self):
        b = self.stack.pop()
        self.stack[-1] %= b

    def do_more(self):
        b = self.stack.pop()
        self.stack[-1] = self.stack[-1] > b

    def do_equal(self):
        b = self.stack.pop()
        self.stack[-1] = self.stack[-1] == b

    def do_max(self):
        b = self.stack.pop()
        self.stack[-1] = max(self.stack[-1], b)

    def do_print(self):
        self.output.append(self.stack.pop())


NAMES = {
    "i": "i", "dup": "dup", "drop": "drop", "swap": "swap", "over": "over", "+": "add",
    "*": "mul", "/": "div", "mod": "mod", ">": "more", "=": "equal", "max": "max", ".": "print",
}

forth = Forth()
forth.load(SOURCE)
print(forth.output, forth.stack)
