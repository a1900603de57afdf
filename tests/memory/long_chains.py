# timeout: 60
# Deep structures are freed without deep native recursion.
class Node:
    __slots__ = ("next",)
    def __init__(self, next): self.next = next
def chain(make, n):
    head = None
    for _ in range(n): head = make(head)
    return head
for make in (Node, lambda x: [x], lambda x: (x,), lambda x: {"k": x}, lambda x: {0: (x,)}):
    head = chain(make, 300_000); del head; print("freed")
def g(x): yield x
gens = None
for _ in range(10_000):
    gens = g(gens); next(gens)
del gens; print("generators freed")
f = None
for _ in range(100_000): f = (lambda x: lambda: x)(f)
del f; print("closures freed")
a = b = Node(None)
for _ in range(100_000): b.next = Node(None); b = b.next
b.next = a; del a, b
import gc; print(gc.collect() > 90_000)
