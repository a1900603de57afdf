g = 1
def f():
    global g
    g = 2
    def h():
        global g
        return g
    return g
