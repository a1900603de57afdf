# PEP 695 and 696: type parameters, aliases, bounds, defaults; generics and unions.
def first[T](items: list[T]) -> T: return items[0]
class Box[T: (int, str), *Ts, **P]:
    def get[S](self, x: S) -> S: return x
type Pair[A, B = int] = tuple[A, B]
type Rec = list[Rec] | int
print(first([3]), first.__type_params__, Box.__type_params__, Box.__orig_bases__)
T, Ts, P = Box.__type_params__
print(T.__constraints__, T.__bound__, type(Ts).__name__, type(P).__name__, P.args, P.kwargs)
print(Pair, Pair.__value__, Pair.__type_params__, Pair[str, int], Rec.__value__)
print(Pair.__type_params__[1].__default__, Pair.__type_params__[0].has_default())
def bounded[T: "later_defined"](x): return x
later_defined = float
print(bounded.__type_params__[0].__bound__)
print(list[int], dict[str, list[int]], list[int].__origin__, list[int].__args__, int | None, int | str == str | int)
print(isinstance(1, int | str), isinstance([], list), tuple[int, ...], type(list[int]).__name__)
try: isinstance([], list[int])
except TypeError as e: print(e)
print(list[int]([1]), list[T][int] if False else "", Box[int, str, bool, [int]].__args__ if False else "")
import typing
print(typing.get_type_hints(first)["return"], typing.Union[int, str].__args__)
U = typing.TypeVar("U"); print(list[U][int], dict[U, U][str], U, list[U].__parameters__)
class G(typing.Generic[U]): pass
print(G[int], G.__parameters__)
def scoped[T]():
    class Inner[S]:
        x: tuple[T, S]
    return Inner
print(scoped().__type_params__)
for bad in ("def f[T, T](): pass", "type X[**P, P] = 1", "def f[T = int, S](): pass", "class A[x := 1]: pass"):
    try: compile(bad, "", "exec")
    except SyntaxError as e: print(e.msg)
type = 3
print(type)
