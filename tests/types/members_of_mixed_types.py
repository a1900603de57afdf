"""One place of the code sees instances with slots of their own and objects whose members native code keeps."""


class Slotted:
    __slots__ = ("__qualname__", "__name__", "start")


def read(o):
    try:
        return o.__name__
    except AttributeError as e:
        return type(e).__name__


def start(o):
    try:
        return o.start
    except AttributeError as e:
        return type(e).__name__


slotted = Slotted()
objects = [slotted, len, dict.__dict__["fromkeys"], read, int, slotted, str.join, slice(1), object().__str__, 5, "x", slotted]
for turn in range(3):
    print([read(o) for o in objects])
    print([start(o) for o in [slotted, slice(3, 4), range(2, 5), slotted, slice(None), None]])
    slotted.start = turn


class Foreign:
    pass


class Three:
    __slots__ = ("x", "y", "z")


class One:
    __slots__ = ("x",)


# A descriptor stands in a class whose instances have no such member.
Foreign.x = Three.__dict__["z"]


def read_x(o):
    try:
        return o.x
    except (AttributeError, TypeError) as e:
        return str(e)


three, one = Three(), One()
three.x, three.z, one.x = 1, 2, 3
for turn in range(5):
    print([read_x(o) for o in (three, Foreign(), one, three, Foreign())])
