# if, while, for, break, continue, else, pass.
for n in range(6):
    if n == 1:
        continue
    elif n == 4:
        print("four")
    elif n == 5:
        break
    else:
        print("other", n)
else:
    print("not reached")

n = 0
while n < 3:
    n += 1
else:
    print("while else", n)

while True:
    n += 1
    if n > 10:
        break
print(n)

for i in range(3):
    for j in range(3):
        if j == 2:
            break
        if i == 1:
            continue
        print(i, j)
    else:
        print("never")

for x in []:
    pass
else:
    print("empty loop has else")

def find(items, wanted):
    for i, item in enumerate(items):
        if item == wanted:
            return i
    return -1

print(find("abc", "c"), find("abc", "z"))

def with_finally(kind):
    for i in range(3):
        try:
            if kind == "break" and i == 1:
                break
            if kind == "continue":
                continue
            if kind == "return":
                return "returned"
        finally:
            print("finally", kind, i)
    return "end"

for kind in ("break", "continue", "return", "none"):
    print(with_finally(kind))

def override():
    try:
        return 1
    finally:
        x = 2
print(override())
i = 10
for i in range(2): pass
print(i)
if (m := 5) > 3: print(m)
print([y := 1, y ** 2], y)
a = b = c = []
a.append(1)
print(b, c is a)
