def f():
    try:
        g()
    except ValueError as e:
        h(e)
    except (KeyError, TypeError):
        return 1
    except:
        raise
    else:
        k()
    return 2
