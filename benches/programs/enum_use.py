"""enum: members, values, flags, lookup, use as keys and in state machines."""

from enum import Enum, Flag, IntEnum, StrEnum, auto


class Color(Enum):
    RED = 1
    GREEN = 2
    BLUE = 3

    def next(self):
        return Color(self.value % 3 + 1)


class Permission(Flag):
    READ = auto()
    WRITE = auto()
    EXECUTE = auto()
    ALL = READ | WRITE | EXECUTE


class Level(IntEnum):
    LOW = 10
    MIDDLE = 20
    HIGH = 30


class State(StrEnum):
    IDLE = auto()
    RUNNING = auto()
    WAITING = auto()
    DONE = auto()


TRANSITIONS = {
    (State.IDLE, 0): State.RUNNING,
    (State.IDLE, 1): State.IDLE,
    (State.RUNNING, 0): State.WAITING,
    (State.RUNNING, 1): State.DONE,
    (State.WAITING, 0): State.RUNNING,
    (State.WAITING, 1): State.WAITING,
    (State.DONE, 0): State.IDLE,
    (State.DONE, 1): State.IDLE,
}


def main():
    color, counts = Color.RED, dict.fromkeys(Color, 0)
    for _ in range(500_000):
        counts[color] += 1
        color = color.next()
    print(color, counts[Color.GREEN])
    state, seed, visits = State.IDLE, 1, {}
    for _ in range(900_000):
        seed = seed * 69069 + 5 & 0xFFFFFFFF
        state = TRANSITIONS[state, seed >> 20 & 1]
        visits[state] = visits.get(state, 0) + 1
    print(sorted(visits.items()))
    rights = Permission(0)
    granted = 0
    for n in range(100_000):
        rights ^= (Permission.READ, Permission.WRITE, Permission.EXECUTE)[n % 3]
        if Permission.WRITE in rights and rights & (Permission.READ | Permission.EXECUTE):
            granted += 1
    print(granted, rights, Permission.ALL & ~Permission.WRITE)
    total = 0
    for n in range(250_000):
        level = Level.HIGH if n % 3 else Level.LOW
        if level > Level.MIDDLE:
            total += level
    print(total, Level["LOW"].name, f"{State.DONE:>8}", State.RUNNING == "running")
    made = [Enum(f"E{n}", "A B C D") for n in range(60)]
    print(sum(kind.C.value for kind in made), len({member for kind in made for member in kind}))


main()
