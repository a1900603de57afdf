"""deque, heapq and bisect: queues, sliding windows, merging, a median."""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from heapq import heapify, heappop, heappush, heapreplace, merge, nlargest


def numbers(count, seed=3):
    for _ in range(count):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        yield seed >> 7


def window_maxima(items, width):
    window, result = deque(), 0
    for i, item in enumerate(items):
        while window and window[-1][1] <= item:
            window.pop()
        window.append((i, item))
        if window[0][0] <= i - width:
            window.popleft()
        if i >= width - 1:
            result ^= window[0][1]
    return result


def round_robin(count):
    queue = deque((n, n % 17 + 3) for n in range(count))
    clock = 0
    while queue:
        n, left = queue.popleft()
        clock += min(left, 2)
        if left > 2:
            queue.append((n, left - 2))
    return clock


def running_median(items):
    low, high, total = [], [], 0
    for item in items:
        heappush(low, -item)
        heappush(high, -heappop(low))
        if len(high) > len(low):
            heappush(low, -heappop(high))
        total += -low[0]
    return total


def events(count):
    """A simulation: the next event comes from the heap and may add more."""
    heap = [(n % 100, n, "start") for n in range(count)]
    heapify(heap)
    finished = now = 0
    while heap:
        now, n, kind = heappop(heap)
        if kind == "start":
            heappush(heap, (now + n % 13 + 1, n, "work"))
        elif kind == "work":
            heappush(heap, (now + n % 5 + 1, n, "end"))
        else:
            finished += 1
    return finished, now


def main():
    items = list(numbers(250_000))
    print(window_maxima(items, 500), round_robin(130_000))
    print(running_median(items[:130_000]))
    print(events(35_000))
    ordered = []
    for item in items[:50_000]:
        insort(ordered, item)
    print(ordered == sorted(ordered), bisect_left(ordered, 10**6), bisect_right(ordered, 10**7))
    print(sum(bisect_left(ordered, item) for item in items))
    print(nlargest(3, items), sum(merge(*[sorted(items[i::7]) for i in range(7)])))
    heap = sorted(items[:100])
    for item in items:
        if item > heap[0]:
            heapreplace(heap, item)
    print(heap[0])
    ring = deque(range(1000), maxlen=1000)
    for n in range(150_000):
        ring.append(n)
        ring.rotate(n % 3 - 1)
    print(ring[0], ring[-1], sum(ring))


main()
