# A trace function makes its frame go on at another line.
import sys
import warnings


def run(function, start, target, event="line"):
    out = []
    first = function.__code__.co_firstlineno
    done = False

    def trace(frame, what, arg):
        nonlocal done
        if not done and frame.f_code is function.__code__ and what == event and frame.f_lineno == first + start:
            done = True
            try:
                frame.f_lineno = first + target
            except ValueError as error:
                out.append(str(error))
        return trace

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        sys.settrace(trace)
        try:
            function(out)
        finally:
            sys.settrace(None)
    print(function.__name__, start, target, out, [str(w.message) for w in told])


class Manager:
    def __init__(self, out):
        self.out = out

    def __enter__(self):
        self.out.append("enter")

    def __exit__(self, *args):
        self.out.append("exit")


def straight(out):
    out.append(1)
    out.append(2)
    out.append(3)


def loop(out):
    for i in range(3):
        out.append(i)
        out.append("again")
    out.append("end")


def managed(out):
    with Manager(out):
        out.append(2)
    out.append(3)


def handled(out):
    try:
        1 / 0
    except ZeroDivisionError:
        out.append(4)
        out.append(5)
    out.append(sys.exception())


run(straight, 1, 3)
run(straight, 3, 1)
run(straight, 1, 9)
run(straight, 1, -9)
run(straight, 1, 3, "return")
run(straight, 0, 3, "call")
run(loop, 3, 4)
run(loop, 1, 2)
run(loop, 4, 2)
run(managed, 2, 3)
run(managed, 1, 2)
run(handled, 1, 4)
run(handled, 4, 6)
run(handled, 4, 5)
try:
    sys._getframe().f_lineno = 1
except ValueError as error:
    print(error)
