"""A self-balancing search tree (a treap) and a trie, by objects and recursion."""


class Node:
    def __init__(self, key, priority):
        self.key = key
        self.priority = priority
        self.size = 1
        self.left = None
        self.right = None

    def update(self):
        self.size = 1 + size(self.left) + size(self.right)
        return self


def size(node):
    return node.size if node is not None else 0


def split(node, key):
    if node is None:
        return None, None
    if node.key < key:
        low, high = split(node.right, key)
        node.right = low
        return node.update(), high
    low, high = split(node.left, key)
    node.left = high
    return low, node.update()


def merge(low, high):
    if low is None:
        return high
    if high is None:
        return low
    if low.priority > high.priority:
        low.right = merge(low.right, high)
        return low.update()
    high.left = merge(low, high.left)
    return high.update()


def depth(node):
    return 0 if node is None else 1 + max(depth(node.left), depth(node.right))


def kth(node, k):
    while True:
        smaller = size(node.left)
        if k == smaller:
            return node.key
        if k < smaller:
            node = node.left
        else:
            k -= smaller + 1
            node = node.right


class Trie:
    def __init__(self):
        self.children = {}
        self.count = 0

    def add(self, word):
        node = self
        for char in word:
            node = node.children.setdefault(char, None) or node.child(char)
        node.count += 1

    def child(self, char):
        self.children[char] = made = Trie()
        return made

    def total(self, prefix):
        node = self
        for char in prefix:
            node = node.children.get(char)
            if node is None:
                return 0
        return node.below()

    def below(self):
        return self.count + sum(child.below() for child in self.children.values())


def main():
    root, seed = None, 42
    for _ in range(40_000):
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**61
        key = seed >> 20
        low, high = split(root, key)
        root = merge(merge(low, Node(key, seed & 0xFFFFF)), high)
    print(size(root), depth(root) < 50, kth(root, 17_000) < kth(root, 17_001))
    total = 0
    for k in range(0, 40_000):
        total ^= kth(root, k)
    print(total)
    trie = Trie()
    for n in range(40_000):
        trie.add(str(n * n * 7919 % 999_983))
    print(trie.total(""), trie.total("12"), trie.total("999"))


main()
