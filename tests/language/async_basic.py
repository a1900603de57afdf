# Coroutines driven by hand: await, async for, async with, async generators.
class Wait:
    def __init__(self, v): self.v = v
    def __await__(self):
        got = yield self.v
        return got

async def add(a, b):
    x = await Wait(a)
    y = await Wait(b)
    return x + y

def drive(coroutine, *values):
    out, values = [], iter(values)
    try:
        out.append(coroutine.send(None))
        while True:
            out.append(coroutine.send(next(values, None)))
    except StopIteration as stop:
        return out, stop.value

print(drive(add(1, 2), 10, 20))

class Range:
    def __init__(self, n): self.n, self.i = n, 0
    def __aiter__(self): return self
    async def __anext__(self):
        if self.i >= self.n: raise StopAsyncIteration
        self.i += 1
        await Wait(self.i)
        return self.i

class Manager:
    async def __aenter__(self):
        await Wait("enter"); return "m"
    async def __aexit__(self, *error):
        await Wait("exit"); return error[0] is ValueError

async def agen(n):
    try:
        for i in range(n):
            got = yield i
            if got: print("got", got)
            await Wait(("g", i))
    finally:
        print("agen closed")

async def main():
    total = 0
    async for i in Range(3):
        total += i
    else:
        print("async else")
    async with Manager() as m, Manager():
        print(m)
        raise ValueError
    items = [i async for i in agen(3) if i != 1]
    pairs = {i: await add(i, i) async for i in agen(2)}
    async for i in agen(5):
        if i == 1: break
    g = agen(3)
    print(await g.__anext__(), await g.asend("hi"))
    try:
        await g.athrow(KeyError("k"))
    except KeyError as e:
        print("thrown", e)
    await g.aclose()
    nested = [x async for x in (y * 2 async for y in agen(2))]
    return total, items, pairs, nested

print(drive(main(), *[1] * 60))
c = add(1, 2)
print(type(c).__name__, c.cr_running)
c.close()
for text in ("await x", "def f(): await x", "def f(): async for x in y: pass", "async def f(): yield from x", "async def f():\n yield 1\n return 2"):
    try:
        compile(text, "t", "exec")
    except SyntaxError as error:
        print(error.msg)
async def bad():
    await 5
try: bad().send(None)
except TypeError as e: print('TypeError')
c = add(1, 2); c.send(None)
try: c.throw(RuntimeError("in"))
except RuntimeError as e: print(e)
try: c.send(None)
except RuntimeError as e: print(e)
