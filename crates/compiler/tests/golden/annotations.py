"doc"
x: int = 1
y: str
if c:
    z: list[int]
def f(a: int, *args: *Ts, k: "s" = 1) -> bool:
    local: undefined = 2
class C:
    a: int
    b: T = 3
    if c:
        d: int
