"""async and await without asyncio: a scheduler, channels and async iteration."""

from collections import deque


class Switch:
    """What a coroutine awaits in order to give way, or to wait for a channel."""

    def __init__(self, request):
        self.request = request

    def __await__(self):
        return (yield self.request)


class Channel:
    def __init__(self, capacity):
        self.items = deque()
        self.capacity = capacity
        self.closed = False

    async def put(self, item):
        while len(self.items) >= self.capacity:
            await Switch("later")
        self.items.append(item)

    async def get(self):
        while not self.items:
            if self.closed:
                raise StopAsyncIteration
            await Switch("later")
        return self.items.popleft()

    def __aiter__(self):
        return self

    __anext__ = get


class Scheduler:
    def __init__(self):
        self.ready = deque()
        self.switches = 0
        self.results = {}

    def start(self, name, coroutine):
        self.ready.append((name, coroutine, None))

    def run(self):
        while self.ready:
            name, coroutine, value = self.ready.popleft()
            self.switches += 1
            try:
                request = coroutine.send(value)
            except StopIteration as stop:
                self.results[name] = stop.value
                continue
            self.ready.append((name, coroutine, request))


async def produce(channel, count):
    for n in range(count):
        await channel.put(n)
    channel.closed = True
    return count


async def square(source, target):
    async for n in source:
        await target.put(n * n % 1009)
    target.closed = True


async def collect(source):
    return sum([n async for n in source if n % 2])


async def nested(depth):
    if depth == 0:
        await Switch("leaf")
        return 1
    return await nested(depth - 1) + 1


async def ticker(count):
    for n in range(count):
        if n % 10 == 0:
            await Switch("tick")
        yield n


class Lock:
    def __init__(self):
        self.taken = False

    async def __aenter__(self):
        while self.taken:
            await Switch("locked")
        self.taken = True

    async def __aexit__(self, *error):
        self.taken = False


async def worker(lock, shared, rounds):
    for _ in range(rounds):
        async with lock:
            before = shared[0]
            await Switch("inside")
            shared[0] = before + 1


async def total_of(count):
    return sum([n * 2 async for n in ticker(count)])


def main():
    scheduler = Scheduler()
    for n in range(6):
        a, b = Channel(8), Channel(8)
        scheduler.start(f"produce{n}", produce(a, 80_000))
        scheduler.start(f"square{n}", square(a, b))
        scheduler.start(f"collect{n}", collect(b))
    for n in range(600):
        scheduler.start(f"nested{n}", nested(n % 60))
        scheduler.start(f"ticker{n}", total_of(300))
    lock, shared = Lock(), [0]
    for n in range(5):
        scheduler.start(f"worker{n}", worker(lock, shared, 15_000))
    scheduler.run()
    print(scheduler.switches, shared, len(scheduler.results))
    print([scheduler.results[f"collect{n}"] for n in range(6)])
    print(sum(scheduler.results[f"nested{n}"] for n in range(300)))


main()
