"""Brainfuck, twice: step by step, and compiled to Python source."""

SQUARES = """++++[>+++++<-]>[<+++++>-]+<+[>[>+>+<<-]++>>[<<+>>-]>>>[-]++>[-]+>>>+[[-]++++++>>>]
<<<[[<++++++++<++>>-]+<.<[>----<-]<]<<[>>>>>[>>>[-]+++++++++<[>-<-]+++++++++>[-[<->-]+
[<<<]]<[>+<-]>]<<-]<<-]"""


def jumps(code):
    stack, targets = [], {}
    for i, op in enumerate(code):
        if op == "[":
            stack.append(i)
        elif op == "]":
            j = stack.pop()
            targets[i], targets[j] = j, i
    return targets


def interpret(code):
    code = [char for char in code if char in "+-<>[]."]
    targets = jumps(code)
    cells, at, i, out = bytearray(200), 0, 0, []
    while i < len(code):
        op = code[i]
        if op == "+":
            cells[at] = (cells[at] + 1) & 255
        elif op == "-":
            cells[at] = (cells[at] - 1) & 255
        elif op == ">":
            at += 1
        elif op == "<":
            at -= 1
        elif op == "[":
            if not cells[at]:
                i = targets[i]
        elif op == "]":
            if cells[at]:
                i = targets[i]
        else:
            out.append(chr(cells[at]))
        i += 1
    return "".join(out)


def translate(code):
    lines, indent = ["def run(cells, out):", "  at = 0"], 1
    i = 0
    while i < len(code):
        op = code[i]
        run = 1
        if op in "+-<>":
            while i + run < len(code) and code[i + run] == op:
                run += 1
        blank = "  " * indent
        if op in "+-":
            lines.append(f"{blank}cells[at] = (cells[at] {op} {run}) & 255")
        elif op in "<>":
            lines.append(f"{blank}at {'+' if op == '>' else '-'}= {run}")
        elif op == ".":
            lines.append(f"{blank}out.append(chr(cells[at]))")
        elif op == "[":
            lines.append(f"{blank}while cells[at]:")
            indent += 1
        elif op == "]":
            indent -= 1
        i += run
    return "\n".join(lines)


def main():
    for _ in range(4):
        first = interpret(SQUARES)
    space = {}
    exec(compile(translate(SQUARES), "brainfuck", "exec"), space)
    for _ in range(15):
        out = []
        space["run"](bytearray(200), out)
    print(first.split(), first == "".join(out))


main()
