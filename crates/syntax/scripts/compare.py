"""compare.py SNIPPETS REFERENCE OWN: where our answers are not CPython's."""

import sys


def shown(answer):
    if answer.startswith("ok"):
        return answer
    fields = answer.split("|")
    msg = bytes.fromhex(fields[1]).decode("utf-8", "surrogatepass")
    return " ".join([fields[0], msg, *fields[2:6]])


def main(*paths):
    columns = [open(path).read().split("\n")[:-1] for path in paths]
    differ = 0
    for snippet, theirs, ours in zip(*columns, strict=True):
        if theirs != ours:
            differ += 1
            if differ <= 40:
                mode, digits = snippet.split(" ")
                print(mode, repr(bytes.fromhex(digits).decode()))
                print("  CPython:", shown(theirs))
                print("  we:     ", shown(ours))
    print(len(columns[0]), "snippets,", differ, "differ")


main(*sys.argv[1:])
