from __future__ import annotations
x: list[int | None] = 1
def f(a: int, b: "s") -> dict[str, (1, 2)]: pass
