# Indexing and slicing of lists, strings, tuples, ranges; assignment; slice objects.
# needs: 3.14
a = list(range(10))
print(a[2:5], a[:3], a[7:], a[::2], a[::-1], a[-3:], a[:-3], a[5:2], a[100:], a[-100:3], a[8:2:-2])
s = "abcdef"
print(s[1], s[-1], s[1:4], s[::-2], s[10:], (1, 2, 3)[1:], range(10)[2:8:3], b"abc"[1], b"abc"[1:])
a[2:4] = "XYZ"; print(a)
a[::2] = [0] * len(a[::2]); print(a)
a[1:1] = [7, 7]; print(a)
a[-1:] = []; print(a)
del a[::3]; print(a)
a[:] = []; print(a)
a = [1, 2, 3]; b = a[:]; b[0] = 9; print(a, b)
print(slice(1, 2), slice(5), slice(None, None, -1).indices(5), slice(1, 10, 2) == slice(1, 10, 2))
class K:
    def __getitem__(self, k): return k
    def __setitem__(self, k, v): print("set", k, v)
    def __delitem__(self, k): print("del", k)
k = K()
print(k[1], k[1:2], k[::3], k[1, 2], k[1:2, ..., None], k["x":"y"], k[()], k[*range(2)])
k[1:2] = 3; k[4] = 5; del k[6:]
for bad in ("[1][5]", "[1][-2]", "''[0]", "()[0]", "[1]['a']", "'abc'['x']", "[][::0]", "a[::2] = [1]", "range(3)[5]", "1[0]", "{}[[]]", "a[1.0]"):
    try:
        exec(bad)
    except Exception as error:
        print(bad, "->", type(error).__name__, error)
class I:
    def __index__(self): return 1
print([5, 6][I()], "ab"[I():], range(I(), 5))
m = [[1, 2], [3, 4]]
m[0][1] += 10; print(m)
x = [[0] * 2] * 2; x[0][0] = 1; print(x)
l = [1, 2, 3]; l[0:2], l[2] = [8, 9], 7; print(l)
l *= 2; print(l); l += (1,); print(l)
