"""dataclasses: plain, frozen, ordered, slotted; replace, asdict, fields."""

from dataclasses import asdict, astuple, dataclass, field, fields, replace


@dataclass
class Item:
    name: str
    price: float
    quantity: int = 1
    tags: list = field(default_factory=list)

    @property
    def total(self):
        return self.price * self.quantity


@dataclass(frozen=True, order=True)
class Version:
    major: int
    minor: int = 0
    patch: int = 0

    def bump(self):
        return replace(self, patch=self.patch + 1)


@dataclass(slots=True)
class Particle:
    x: float
    y: float
    vx: float = 1.0
    vy: float = 0.5

    def step(self, dt):
        self.x += self.vx * dt
        self.y += self.vy * dt


@dataclass
class Order:
    number: int
    items: list[Item]
    discount: float = field(default=0.0, compare=False)

    def __post_init__(self):
        self.total = sum(item.total for item in self.items) * (1 - self.discount)


def main():
    orders = []
    for n in range(50_000):
        items = [Item(f"i{k}", k * 1.5, n % 5 + 1) for k in range(n % 4 + 1)]
        orders.append(Order(n, items, n % 3 / 10))
    print(f"{sum(order.total for order in orders):.2f}")
    print(sum(a == b for a, b in zip(orders, orders[4:])), orders[5])
    versions = [Version(n % 5, n * 7 % 11, n % 13) for n in range(50_000)]
    print(sorted(versions)[0], max(versions), len(set(versions)))
    version = Version(1)
    for _ in range(50_000):
        version = version.bump()
    print(version, hash(version) == hash(Version(1, 0, 50_000)))
    particles = [Particle(n, -n, n % 3) for n in range(100)]
    for _ in range(6000):
        for particle in particles:
            particle.step(0.01)
    print(f"{sum(p.x + p.y for p in particles):.4f}")
    size = 0
    for order in orders[:3000]:
        size += len(asdict(order)["items"]) + len(astuple(order)[1]) + len(repr(order))
    print(size, [f.name for f in fields(Order)])
    kinds = []
    for n in range(60):
        @dataclass(order=True)
        class Made:
            a: int
            b: str = "x"
        kinds.append(Made(n).a)
    print(sum(kinds))


main()
