def f():
    while True:
        try:
            x = g()
        except E:
            continue
        break
    return x
