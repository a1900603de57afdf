"""asyncio: tasks, queues, locks, events, gather, timeouts and task groups."""

import asyncio


async def producer(queue, count):
    for n in range(count):
        await queue.put(n)
    await queue.put(None)


async def consumer(queue):
    total = 0
    while (item := await queue.get()) is not None:
        total += item
    return total


async def leaf(n):
    await asyncio.sleep(0)
    return n


async def fan_out(width, rounds):
    total = 0
    for n in range(rounds):
        total += sum(await asyncio.gather(*(leaf(n + k) for k in range(width))))
    return total


async def locked(lock, shared, rounds):
    for _ in range(rounds):
        async with lock:
            value = shared["n"]
            await asyncio.sleep(0)
            shared["n"] = value + 1


async def ping_pong(rounds):
    a, b = asyncio.Event(), asyncio.Event()
    count = 0

    async def one(wait_for, signal):
        nonlocal count
        for _ in range(rounds):
            await wait_for.wait()
            wait_for.clear()
            count += 1
            signal.set()

    a.set()
    await asyncio.gather(one(a, b), one(b, a))
    return count


async def groups(rounds):
    failed = 0
    for n in range(rounds):
        try:
            async with asyncio.TaskGroup() as group:
                for k in range(5):
                    group.create_task(leaf(k))
                if n % 4 == 0:
                    raise ValueError(n)
        except* ValueError as error:
            failed += len(error.exceptions)
    return failed


async def cancelled(rounds):
    count = 0
    for _ in range(rounds):
        task = asyncio.create_task(asyncio.sleep(100))
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            count += 1
    return count


async def timeouts(rounds):
    late = 0
    for n in range(rounds):
        try:
            async with asyncio.timeout(None if n % 2 else 0):
                await asyncio.sleep(0)
                await asyncio.sleep(0)
        except TimeoutError:
            late += 1
    return late


async def main():
    queues = [asyncio.Queue(maxsize=10) for _ in range(5)]
    producers = [asyncio.create_task(producer(queue, 15_000)) for queue in queues]
    print(await asyncio.gather(*map(consumer, queues)))
    await asyncio.gather(*producers)
    print(await fan_out(100, 250))
    lock, shared = asyncio.Lock(), {"n": 0}
    await asyncio.gather(*(locked(lock, shared, 800) for _ in range(8)))
    print(shared)
    print(await ping_pong(16_000), await groups(1600), await cancelled(5000), await timeouts(3000))
    semaphore, running, most = asyncio.Semaphore(3), 0, 0

    async def limited():
        nonlocal running, most
        async with semaphore:
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(limited() for _ in range(3000)))
    print(most)


asyncio.run(main())
