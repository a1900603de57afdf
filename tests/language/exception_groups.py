# except*, splitting, nesting, what is raised again.
def run(error):
    try:
        raise error
    except* ValueError as group:
        print("value", group.exceptions)
    except* (TypeError, KeyError) as group:
        print("type/key", group.exceptions)
    else:
        print("else")
    finally:
        print("finally")

run(ExceptionGroup("g", [ValueError(1), TypeError(2), ValueError(3)]))
run(ValueError("single"))
try:
    run(ExceptionGroup("g", [OSError(1), ExceptionGroup("h", [ValueError(2), OSError(3)])]))
except ExceptionGroup as rest:
    print(repr(rest))
try:
    try:
        raise ExceptionGroup("g", [ValueError(1)])
    except* ValueError:
        raise RuntimeError("new")
except RuntimeError as error:
    print(repr(error), repr(error.__context__))
try:
    try:
        raise ExceptionGroup("g", [ValueError(1), KeyError(2)])
    except* ValueError:
        raise
except ExceptionGroup as error:
    print(repr(error))
g = ExceptionGroup("top", [ValueError("a"), ExceptionGroup("sub", [KeyError("b"), ValueError("c")])])
print(g.subgroup(ValueError), g.split(KeyError), g.subgroup(OSError))
print(g.message, len(g.exceptions), g.derive([OSError()]))
print(g.subgroup(lambda e: isinstance(e, KeyError)))
for args in ((1, []), ("x", []), ("x", 1), ("x", [1])):
    try:
        ExceptionGroup(*args)
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
print(type(BaseExceptionGroup("x", [ValueError()])), type(BaseExceptionGroup("x", [KeyboardInterrupt()])))
try:
    ExceptionGroup("x", [KeyboardInterrupt()])
except TypeError as error:
    print(error)
