# asyncio: tasks, gather, timeouts, cancellation, queues, subprocess-free networking.
import asyncio
async def say(x, d=0): await asyncio.sleep(d); return x
async def main():
    print(await asyncio.gather(say(1, 0.02), say(2, 0.01), say(3)), await asyncio.wait_for(say("w"), 1))
    try: await asyncio.wait_for(asyncio.sleep(5), 0.01)
    except TimeoutError: print("timeout")
    t = asyncio.create_task(asyncio.sleep(5)); await asyncio.sleep(0); t.cancel()
    try: await t
    except asyncio.CancelledError: print("cancelled", t.cancelled())
    try:
        async with asyncio.TaskGroup() as tg: tg.create_task(say(1, 5)); tg.create_task(fail())
    except* ValueError as e: print(e.exceptions)
    q = asyncio.Queue(); [q.put_nowait(i) for i in range(3)]; print([await q.get() for _ in range(3)], q.empty())
    print(await asyncio.gather(fail(), say(1), return_exceptions=True)); done, pending = await asyncio.wait([asyncio.create_task(say(i, i / 50)) for i in range(3)], return_when=asyncio.FIRST_COMPLETED); print(len(done), len(pending)); [p.cancel() for p in pending]
    print([await c for c in asyncio.as_completed([say("b", 0.03), say("a", 0.0)])])
    async def handle(r, w): w.write((await r.readline()).upper()); await w.drain(); w.close()
    s = await asyncio.start_server(handle, "127.0.0.1", 0); r, w = await asyncio.open_connection(*s.sockets[0].getsockname()); w.write(b"hello\n"); print(await r.read()); w.close(); s.close()
    print(await asyncio.to_thread(sum, [1, 2]), await asyncio.get_running_loop().run_in_executor(None, lambda: "ex"), asyncio.current_task().get_name()[:4])
    async with asyncio.timeout(1), asyncio.Lock(): print("inside")
    async for x in agen(): print(x, end=" ")
    f = asyncio.get_running_loop().create_future(); asyncio.get_running_loop().call_later(0.01, f.set_result, "later"); print(await f)
async def agen():
    for i in range(3): await asyncio.sleep(0); yield i
async def fail(): raise ValueError("f")
asyncio.run(main())
try: asyncio.run(5)
except (ValueError, TypeError) as e: print("refused")
with asyncio.Runner() as r: print(r.run(say("runner")))
