def f(a, o):
    del a, o.x, o[1], o[1:2]
    del g
    a
def g():
    global h
    del h
