def f(xs, d):
    for x in xs:
        if x:
            return x
    for k, v in d.items():
        print(k, v)
    for o.a in xs:
        break
    else:
        return 1
for i in range(3):
    i
