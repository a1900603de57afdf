# Comprehensions that CPython inlines, seen through f_locals, locals() and eval(); module code that suspends; mappings
# as builtins.
import ast
import asyncio
import sys
import types


def error(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return f'{type(e).__name__}: {e}'


def written():
    f_locals = [sys._getframe().f_locals for b in [0]][0]
    f_locals['b'] = 2
    f_locals['c'] = 3
    print(b, c)
    b = 0
    c = 0


def shadowed():
    b = 5
    print([locals()['b'] for b in [1, 2]], b)
    try:
        [eval('1/0') for b in b]
    except TypeError as e:
        print(e, b)
    try:
        [eval('1/0') for b in [b]]
    except ZeroDivisionError as e:
        print(e, b)
    del b
    print([eval('b') for b in [9]])
    try:
        b
    except UnboundLocalError as e:
        print(e)
    print([[sorted(locals()) for b in [1]] + [b] for b in [0]])


def captured():
    x = 7

    def k():
        return x
    print([x for x in [1, 2]], x, k())


async def suspended():
    b = 1

    async def it():
        yield 5
    try:
        print([eval('b') async for b in it()], b)
        print([eval('b / 0') async for b in it()])
    except ZeroDivisionError:
        print('raised', b)


class A:
    x = 3
    print([eval('x') for x in [1, 2]], x)
    print('a' in [sys._getframe().f_locals for a in [0]][0])


written()
shadowed()
captured()
asyncio.run(suspended())
print("a" in [sys._getframe().f_locals for a in [0]][0])

# Module code that suspends.
AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
ns = {'asyncio': asyncio}
asyncio.run(eval(compile('a = await asyncio.sleep(0, 1)', '?', 'exec', flags=AWAIT), ns))
source = 'b = await asyncio.sleep(0, 5)\nprint(sorted(k for k in locals() if k[0] != "_"))'
asyncio.run(types.FunctionType(compile(source, '?', 'exec', flags=AWAIT), ns)())
types.FunctionType(compile('z = 1', '', 'exec'), ns)()
print(ns['a'], ns['b'], ns['z'])
here = {}
source = 'import sys\nc = await asyncio.sleep(0, 7)\nd = [c for _ in (1,)]\nprint(locals() is sys._getframe().f_locals)'
asyncio.run(eval(compile(source, '?', 'exec', flags=AWAIT), ns, here))
print(here['c'], here['d'], 'c' in ns)

# Builtins.
mapping = types.MappingProxyType
print(eval('x', {'__builtins__': mapping({'x': 3})}), error(eval, 'x', {'__builtins__': mapping({})}))
print(error(exec, 'import x', {'__builtins__': mapping({})}), error(exec, 'print(1)', {'__builtins__': 5}))
ns = {'__builtins__': mapping({'__import__': lambda *args: args[0]})}
exec('import x.y', ns)
print(ns['x'], None.__ne__(None), None.__ne__(0))

# Many operands.
names = [f'x{i}' for i in range(120)]
listed = ', '.join(names)
named = ', '.join(f'{x}={x}' for x in names)
ns = {x: i for i, x in enumerate(names)}
ns['f'] = lambda *a, **k: (len(a), sum(a), len(k), list(k)[-1:])
for source in (f'sum([{listed}])', f'sum(({listed}))', f'sum({{{listed}}})', f'len([{listed}, *"ab", {listed}])',
               f'f({listed})', f'f({named})', f'f(1, **{{"q": 2}}, {named}, **{{"r": 3}})', f'f(*[5], {listed}, z=1)',
               ' < '.join(names), ' < '.join(names[:50] + ['x3'] + names[50:])):
    exec('def g():\n return ' + source, ns)
    print(eval(source, ns), ns['g']())
print(error(eval, f'f(**{{"x5": 2}}, {named})', ns).partition('(')[2])
