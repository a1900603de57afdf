"""Exceptions: raised, caught, re-raised, chained, cleaned up after."""


class ParseError(Exception):
    def __init__(self, text, position):
        super().__init__(f"{text!r} at {position}")
        self.position = position


class EmptyError(ParseError):
    pass


def parse(text):
    if not text:
        raise EmptyError(text, 0)
    for position, char in enumerate(text):
        if not char.isdigit():
            raise ParseError(text, position)
    return int(text)


def careful(text, log):
    try:
        return parse(text)
    except EmptyError:
        return 0
    except ParseError as error:
        if error.position > 1:
            raise ValueError(text) from error
        return -error.position
    finally:
        log[0] += 1


def deep(n):
    try:
        if n == 0:
            raise KeyError("bottom")
        return deep(n - 1)
    finally:
        n += 1


def look_ups(rounds):
    table, items, misses = {"a": 1}, [1, 2, 3], 0
    for i in range(rounds):
        try:
            items[i % 5]
        except IndexError:
            misses += 1
        try:
            table["ab"[i % 2]]
        except KeyError:
            misses += 1
        try:
            items.missing
        except AttributeError:
            misses += 1
        try:
            i // (i % 4)
        except ZeroDivisionError as error:
            misses += len(error.args)
        else:
            misses -= 1
    return misses


def main():
    log = [0]
    texts = ["12", "", "a1", "1b", "12c", "777"]
    total = failed = 0
    for i in range(350_000):
        try:
            total += careful(texts[i % 6], log)
        except ValueError as error:
            failed += error.__cause__.position
    print(total, failed, log)
    print(look_ups(450_000))
    caught = 0
    for _ in range(8000):
        try:
            deep(40)
        except LookupError as error:
            caught += error.args == ("bottom",)
    print(caught)


main()
