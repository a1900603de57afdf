# The text of an uncaught exception, with its chain.
# stderr: compare
# exit: 1
class Own(Exception):
    pass

def inner(x):
    return x / 0

def middle(x):
    try:
        inner(x)
    except ZeroDivisionError as error:
        raise Own("first\nsecond line") from error

def outer():
    try:
        middle(1)
    except Own:
        error = ValueError("during handling")
        error.add_note("a note")
        raise error

print("before")
outer()
