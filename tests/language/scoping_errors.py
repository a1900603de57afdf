# What the compiler refuses, with its words.
for text in """
x = = 1
def f(:
if True print(1)
return 1
yield 1
break
continue
nonlocal x
def f(): nonlocal x
def f(x): global x
def f(x, x): pass
def f(a=1, b): pass
def f(*): pass
def f(**k, a): pass
f(a=1, 2)
f(**k, *a)
f(a=1, a=2)
1 = x
f() = 1
a + 1 = 2
(a, b) += 1
del f()
x = (1, 2
x = [1, 2)
'abc
\"\"\"abc
1__0
0777
1a
$
a b
print "x"
class A(
import a.b as
from a import
from . import *; def f(): from a import *
lambda x: = 1
{1: 2, 3}
{**a for a in b}
[*a for a in b]
try: pass
with: pass
while True: else
for x in: pass
else: pass
async x
None = 1
True += 1
x: int: str
(x, y): int = 1
*a = 1
*a, *b = 1
f(x for x in y, 1)
(yield) = 1
if x = 1: pass
a := 1
(a.b := 1)
assert (x, 'y'), 
raise from x
@
__debug__ = 1
match x: case 1 | y: pass
x = 5 if y
not = 1
"\\N{no such name}"
b'é'
'a' b'b'
global x; x = 1; global x
""".strip().split("\n"):
    try:
        compile(text, "t", "exec")
        print(repr(text), "ok")
    except SyntaxError as error:
        print(repr(text), "->", type(error).__name__, error.msg, error.lineno, error.offset)
for text in ("if 1:\npass", "  x", "if 1:\n  a\n b", "if 1:\n\ta\n        b", "def f():", "x = 1\n  y = 2"):
    try:
        compile(text, "t", "exec")
        print(repr(text), "ok")
    except SyntaxError as error:
        print(repr(text), "->", type(error).__name__, error.msg, error.lineno)
