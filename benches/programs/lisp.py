"""A Lisp: reader, environments, closures, tail calls by a loop."""

SOURCE = """
(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(define (range a b) (if (= a b) nil (cons a (range (+ a 1) b))))
(define (map f xs) (if (null? xs) nil (cons (f (car xs)) (map f (cdr xs)))))
(define (fold f start xs) (if (null? xs) start (fold f (f start (car xs)) (cdr xs))))
(define (filter f xs)
  (if (null? xs) nil
      (if (f (car xs)) (cons (car xs) (filter f (cdr xs))) (filter f (cdr xs)))))
(define (sort xs)
  (if (null? xs) nil
      (let ((p (car xs)) (rest (cdr xs)))
        (append (sort (filter (lambda (x) (< x p)) rest))
                (cons p (sort (filter (lambda (x) (not (< x p))) rest)))))))
(define (append xs ys) (if (null? xs) ys (cons (car xs) (append (cdr xs) ys))))
(define (count n) (if (= n 0) 0 (count (- n 1))))
(print (fib 23))
(print (fold + 0 (map (lambda (x) (* x x)) (range 0 100))))
(print (fold + 0 (sort (map (lambda (x) (mod (* x 7919) 101)) (range 0 100)))))
(print (count 90000))
"""


def read_all(text):
    tokens = text.replace("(", " ( ").replace(")", " ) ").split()
    stack = [[]]
    for token in tokens:
        if token == "(":
            stack.append([])
        elif token == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            try:
                stack[-1].append(int(token))
            except ValueError:
                stack[-1].append(token)
    return stack[0]


class Scope(dict):
    def __init__(self, names, values, outer):
        super().__init__(zip(names, values))
        self.outer = outer

    def find(self, name):
        scope = self
        while name not in scope:
            scope = scope.outer
        return scope[name]


class Function:
    def __init__(self, names, body, scope):
        self.names, self.body, self.scope = names, body, scope


def evaluate(x, scope):
    while True:
        if isinstance(x, str):
            return scope.find(x)
        if not isinstance(x, list):
            return x
        head = x[0]
        if head == "if":
            x = x[2] if evaluate(x[1], scope) else x[3]
        elif head == "define":
            (name, *names), body = x[1], x[2]
            scope[name] = Function(names, body, scope)
            return None
        elif head == "lambda":
            return Function(x[1], x[2], scope)
        elif head == "let":
            names = [name for name, _ in x[1]]
            scope = Scope(names, [evaluate(value, scope) for _, value in x[1]], scope)
            x = x[2]
        else:
            function, *arguments = [evaluate(part, scope) for part in x]
            if isinstance(function, Function):
                x, scope = function.body, Scope(function.names, arguments, function.scope)
            else:
                return function(*arguments)


BUILTINS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "mod": lambda a, b: a % b,
    "<": lambda a, b: a < b,
    "=": lambda a, b: a == b,
    "not": lambda a: not a,
    "nil": None,
    "null?": lambda xs: xs is None,
    "cons": lambda a, b: (a, b),
    "car": lambda xs: xs[0],
    "cdr": lambda xs: xs[1],
    "print": print,
}

top = Scope(BUILTINS.keys(), BUILTINS.values(), None)
for form in read_all(SOURCE):
    evaluate(form, top)
