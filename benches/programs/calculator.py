"""A tokenizer, a recursive-descent parser and two evaluators for expressions."""


class Token:
    __slots__ = ("kind", "value")

    def __init__(self, kind, value):
        self.kind = kind
        self.value = value


def tokenize(text):
    tokens, at = [], 0
    while at < len(text):
        char = text[at]
        if char.isspace():
            at += 1
        elif char.isdigit() or char == ".":
            start = at
            while at < len(text) and (text[at].isdigit() or text[at] == "."):
                at += 1
            number = text[start:at]
            tokens.append(Token("number", float(number) if "." in number else int(number)))
        elif char.isalpha():
            start = at
            while at < len(text) and text[at].isalnum():
                at += 1
            tokens.append(Token("name", text[start:at]))
        elif text[at : at + 2] in ("**", "//", "<=", ">=", "==", "!="):
            tokens.append(Token("operator", text[at : at + 2]))
            at += 2
        elif char in "+-*/%()<>,":
            tokens.append(Token("operator", char))
            at += 1
        else:
            raise SyntaxError(char)
    tokens.append(Token("end", None))
    return tokens


LEVELS = [("<", ">", "<=", ">=", "==", "!="), ("+", "-"), ("*", "/", "//", "%")]


class Parser:
    def __init__(self, tokens):
        self.tokens = tokens
        self.at = 0

    def peek(self):
        return self.tokens[self.at]

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, *values):
        token = self.peek()
        if token.kind == "operator" and token.value in values:
            self.at += 1
            return token.value
        return None

    def expect(self, value):
        if not self.accept(value):
            raise SyntaxError(f"expected {value}")

    def binary(self, level=0):
        if level == len(LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while operator := self.accept(*LEVELS[level]):
            left = (operator, left, self.binary(level + 1))
        return left

    def unary(self):
        if self.accept("-"):
            return ("neg", self.unary())
        return self.power()

    def power(self):
        base = self.atom()
        if self.accept("**"):
            return ("**", base, self.unary())
        return base

    def atom(self):
        token = self.take()
        if token.kind == "number":
            return ("number", token.value)
        if token.kind == "name":
            if not self.accept("("):
                return ("name", token.value)
            arguments = []
            while not self.accept(")"):
                arguments.append(self.binary())
                self.accept(",")
            return ("call", token.value, arguments)
        if token.value == "(":
            inner = self.binary()
            self.expect(")")
            return inner
        raise SyntaxError(str(token.value))


OPERATORS = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    "/": lambda a, b: a / b, "//": lambda a, b: a // b, "%": lambda a, b: a % b,
    "**": lambda a, b: a**b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
FUNCTIONS = {"max": max, "min": min, "abs": abs, "sum": lambda *a: sum(a)}


def evaluate(tree, names):
    kind = tree[0]
    if kind == "number":
        return tree[1]
    if kind == "name":
        return names[tree[1]]
    if kind == "neg":
        return -evaluate(tree[1], names)
    if kind == "call":
        return FUNCTIONS[tree[1]](*[evaluate(part, names) for part in tree[2]])
    return OPERATORS[kind](evaluate(tree[1], names), evaluate(tree[2], names))


def to_postfix(tree, out):
    kind = tree[0]
    if kind in ("number", "name"):
        out.append(tree)
    elif kind == "call":
        for part in tree[2]:
            to_postfix(part, out)
        out.append(("call", tree[1], len(tree[2])))
    else:
        for part in tree[1:]:
            to_postfix(part, out)
        out.append((kind,))
    return out


def run_postfix(code, names):
    stack = []
    for step in code:
        kind = step[0]
        if kind == "number":
            stack.append(step[1])
        elif kind == "name":
            stack.append(names[step[1]])
        elif kind == "neg":
            stack.append(-stack.pop())
        elif kind == "call":
            arguments = stack[-step[2] :]
            del stack[-step[2] :]
            stack.append(FUNCTIONS[step[1]](*arguments))
        else:
            b = stack.pop()
            stack[-1] = OPERATORS[kind](stack[-1], b)
    return stack[0]


EXPRESSIONS = [
    "1 + 2 * x - (y - 3) ** 2 // 4",
    "max(x, y, 3) * -min(x % 7, 5) + abs(-y)",
    "(x < y) * 10 + (x >= 5) * 100 + sum(1, 2, x * (y + 1))",
    "((((x + 1) * 2 + 3) * 4 + 5) * 6 + 7) % 1000 - 0.5 * y / 4",
]


def main():
    total = 0
    for n in range(4000):
        for text in EXPRESSIONS:
            tree = Parser(tokenize(text)).binary()
            total += evaluate(tree, {"x": n % 23, "y": n % 11})
    print(total)
    codes = [to_postfix(Parser(tokenize(text)).binary(), []) for text in EXPRESSIONS]
    print(sum(run_postfix(code, {"x": n % 29, "y": n % 13}) for n in range(14_000) for code in codes))
    failed = 0
    for n in range(5000):
        try:
            Parser(tokenize("1 + (2 *" + " x" * (n % 2) + ["", " $", ")", ","][n % 4])).binary()
        except SyntaxError:
            failed += 1
    print(failed)


main()
