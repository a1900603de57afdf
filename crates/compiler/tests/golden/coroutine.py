async def f(xs):
    x = await g()
    async with lock as l:
        await h(l)
    async for y in xs:
        print(y)
    return [z async for z in xs if await z]
async def gen():
    yield 1
    return
