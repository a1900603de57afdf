# dataclasses, enum, typing, abc.
from dataclasses import *; from enum import *; import abc, typing
@dataclass(order=True)
class A:
    x: int; y: list = field(default_factory=list, compare=False); z: typing.ClassVar[int] = 5; w: int = field(default=1, repr=False, kw_only=True)
print(A(1), A(1) == A(1, [2]), A(1) < A(2), A(1, w=2) == A(1), asdict(A(1, [A(2)])), replace(A(1), x=3), [f.name for f in fields(A)], A.__match_args__)
@dataclass(frozen=True, slots=True)
class F: a: int; b: str = "d"
f = F(1); print(f, hash(f) == hash(F(1)), {f: 1}[F(1)])
try: f.a = 2
except FrozenInstanceError as e: print(e)
for bad in ("@dataclass\nclass B:\n a: int = 1\n b: int", "@dataclass\nclass B:\n a: list = []", "A()", "A(1, 2, 3)"):
    try: exec(bad)
    except (TypeError, ValueError) as e: print(str(e)[:70])
class C(Enum):
    R = 1; G = auto(); B = "b"; ALIAS = 1
    def m(self): return self.name.lower()
print(C.R, repr(C.G), C(1), C["B"], C.ALIAS is C.R, list(C), C.R.m(), C.R == 1, len(C), "R" in C.__members__, C.R in C, hash(C.R) == hash(C.R), isinstance(C.R, C))
for bad in ("C(9)", "C['Z']", "C.R = 5", "C.R.value = 1", "class D(C): pass"):
    try: exec(bad)
    except Exception as e: print(type(e).__name__, e)
class Fl(Flag): A = 1; B = 2; AB = 3
class I(IntEnum): X = 1; Y = 2
class S(StrEnum): FOO = auto()
print(Fl.A | Fl.B, Fl.A in Fl.AB, ~Fl.A, Fl(0), list(Fl.AB), I.X + 1, I.X < I.Y, f"{I.X} {S.FOO}", S.FOO == "foo", repr(I.Y), Fl.A ^ Fl.AB)
class Ab(abc.ABC):
    @abc.abstractmethod
    def f(self): ...
    @property
    @abc.abstractmethod
    def p(self): ...
try: Ab()
except TypeError as e: print(e)
class Con(Ab): f = p = 1
print(Con().f, issubclass(Con, Ab)); Ab.register(int); print(isinstance(1, Ab))
class Pr(typing.Protocol):
    def go(self) -> int: ...
print(typing.runtime_checkable(Pr) and isinstance(type("G", (), {"go": 1})(), Pr), typing.NamedTuple("N", [("a", int)])(1), typing.cast(int, "x"), typing.get_args(dict[str, int]), typing.TypedDict("TD", {"a": int})(a=1), typing.Literal[1, "a"], typing.Any, typing.Callable[[int], str])
