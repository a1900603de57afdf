def f[T: int, *Ts, **P](x: T) -> T: return x
class C[T = int](Base): pass
type A[K: (int, str)] = dict[K, A]
type B = int
