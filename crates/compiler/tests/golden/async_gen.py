async def f():
    async for x in (y async for y in g()):
        yield x
