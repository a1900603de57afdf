"""Graph algorithms: Dijkstra, breadth-first, components, order, spanning tree."""

from collections import deque
from heapq import heappop, heappush


def make_graph(size, degree):
    graph = {n: [] for n in range(size)}
    seed = 5
    for n in range(size):
        for _ in range(degree):
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            other, weight = (seed >> 8) % size, (seed >> 3) % 97 + 1
            graph[n].append((other, weight))
            graph[other].append((n, weight))
    return graph


def dijkstra(graph, start):
    distance = {start: 0}
    heap = [(0, start)]
    done = set()
    while heap:
        so_far, node = heappop(heap)
        if node in done:
            continue
        done.add(node)
        for other, weight in graph[node]:
            through = so_far + weight
            if other not in distance or through < distance[other]:
                distance[other] = through
                heappush(heap, (through, other))
    return distance


def breadth_first(graph, start):
    level = {start: 0}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for other, _ in graph[node]:
            if other not in level:
                level[other] = level[node] + 1
                queue.append(other)
    return level


def spanning_tree(graph):
    parent = list(range(len(graph)))

    def find(n):
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    edges = sorted((weight, a, b) for a, near in graph.items() for b, weight in near if a < b)
    total = joined = 0
    for weight, a, b in edges:
        a, b = find(a), find(b)
        if a != b:
            parent[a] = b
            total += weight
            joined += 1
    return total, joined


def strongly_connected(graph):
    """Tarjan's algorithm with a stack of its own."""
    index, low, on_stack, stack, components = {}, {}, set(), [], 0
    for root in graph:
        if root in index:
            continue
        work = [(root, iter(graph[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, near = work[-1]
            for other in near:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(graph[other])))
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    components += 1
                    while True:
                        other = stack.pop()
                        on_stack.discard(other)
                        if other == node:
                            break
    return components


def all_pairs(size):
    far = 10**9
    d = [[(i * 31 + j * 17) % 50 + 1 if (i * j + i) % 5 == 1 else far for j in range(size)]
         for i in range(size)]
    for k in range(size):
        row_k = d[k]
        for row in d:
            through = row[k]
            if through < far:
                for j in range(size):
                    if through + row_k[j] < row[j]:
                        row[j] = through + row_k[j]
    return sum(x for row in d for x in row if x < far)


def main():
    graph = make_graph(24_000, 4)
    distances = dijkstra(graph, 0)
    print(len(distances), max(distances.values()), sum(distances.values()))
    levels = [0] * 20
    for start in range(0, 24_000, 3000):
        for level in breadth_first(graph, start).values():
            levels[level] += 1
    print(levels)
    print(spanning_tree(graph))
    directed = {n: [o for o, w in near if (n * w + o) % 3 == 0] for n, near in graph.items()}
    print(strongly_connected(directed))
    print(all_pairs(190))


main()
