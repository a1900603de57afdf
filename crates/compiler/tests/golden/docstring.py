def f():
    """First.

        Indented.
    """
