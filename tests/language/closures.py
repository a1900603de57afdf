# Cells, nonlocal, global, class scopes, late binding.
def counter():
    n = 0
    def up(by=1):
        nonlocal n
        n += by
        return n
    def peek():
        return n
    return up, peek

up, peek = counter()
up(); up(5)
print(peek(), up.__closure__[0].cell_contents, up.__code__.co_freevars)

functions = [lambda: i for i in range(3)]
print([f() for f in functions])
functions = [lambda i=i: i for i in range(3)]
print([f() for f in functions])

x = "global"
def outer():
    x = "outer"
    class C:
        y = x
        x = "class"
        z = x
        def method(self):
            return x
    return C.y, C.x, C.z, C().method()
print(outer())

def sets_global():
    global x, fresh
    x = "changed"
    fresh = 1
sets_global()
print(x, fresh)

def unbound():
    try:
        print(later)
    except UnboundLocalError as error:
        print(error)
    later = 1

def free():
    def use():
        return value
    try:
        use()
    except NameError as error:
        print(error)
    value = 1
    print(use())
    del value
    try:
        use()
    except NameError as error:
        print(error)

unbound()
free()

try:
    undefined_name
except NameError as error:
    print(error, error.name)

def deep():
    a = 1
    def one():
        def two():
            def three():
                nonlocal a
                a += 1
                return a
            return three
        return two
    return one()()() + a
print(deep())

def exec_in():
    d = {}
    exec("def f(): return g() + 1\ndef g(): return 41", d)
    return d["f"]()
print(exec_in())
def comp_scope():
    x = 5
    return [x for x in range(3)], x, [y + x for y in range(2)]
print(comp_scope())
def cell_in_loop():
    out = []
    for i in range(3):
        def f(): return i
        out.append(f)
    return [f() for f in out]
print(cell_in_loop())
def arg_cell(a):
    def get(): return a
    a += 1
    return get()
print(arg_cell(1))
