def f(x):
    assert x
    assert x > 1, "message"
    raise ValueError(x) from None
