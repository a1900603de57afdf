def f(x):
    a = 2 * 3 + 4
    b = -5
    c = (1, 2, (3, "x"))
    d = "a" "b" + "c"
    e = 2 ** 100
    g = 2 ** 1000
    h = not None
    i = "abc"[1]
    j = 1 / 0
    k = x in [1, 2, 3]
    l = x not in {1, 2}
    m = "%s and %r" % (x, a)
    n = 10 // 3 - 7 % -3
    o = [1, 2, 3]
    if 0:
        dead()
    while 1:
        return __debug__
