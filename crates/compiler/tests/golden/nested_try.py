try:
    try:
        a()
    except E as e:
        b(e)
    finally:
        c()
except F:
    d()
