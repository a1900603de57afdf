"""A small virtual machine with an assembler: an interpreter in an interpreter."""

PROGRAM = """
    push 0
    store total
    push 1
    store n
outer:
    load n
    push 2500
    less
    jump_not end
    load n
    store x
    push 0
    store steps
inner:
    load x
    push 1
    equal
    jump_if done
    load x
    push 2
    mod
    jump_if odd
    load x
    push 2
    div
    store x
    jump step
odd:
    load x
    push 3
    mul
    push 1
    add
    store x
step:
    load steps
    push 1
    add
    store steps
    jump inner
done:
    load total
    load steps
    add
    store total
    load n
    push 1
    add
    store n
    jump outer
end:
    load total
    print
"""


def assemble(text):
    code, labels = [], {}
    for line in text.split("\n"):
        line = line.strip()
        if line.endswith(":"):
            labels[line[:-1]] = len(code)
        elif line:
            name, *operand = line.split()
            code.append((name, operand[0] if operand else None))
    program = []
    for name, operand in code:
        if name.startswith("jump"):
            operand = labels[operand]
        elif name == "push":
            operand = int(operand)
        program.append((name, operand))
    return program


class Machine:
    def __init__(self, program):
        self.program = program
        self.stack = []
        self.variables = {}
        self.output = []
        self.executed = 0

    def run(self):
        program, stack, variables = self.program, self.stack, self.variables
        at, size = 0, len(program)
        while at < size:
            name, operand = program[at]
            at += 1
            self.executed += 1
            if name == "load":
                stack.append(variables[operand])
            elif name == "store":
                variables[operand] = stack.pop()
            elif name == "push":
                stack.append(operand)
            elif name == "add":
                b = stack.pop()
                stack.append(stack.pop() + b)
            elif name == "mul":
                b = stack.pop()
                stack.append(stack.pop() * b)
            elif name == "div":
                b = stack.pop()
                stack.append(stack.pop() // b)
            elif name == "mod":
                b = stack.pop()
                stack.append(stack.pop() % b)
            elif name == "less":
                b = stack.pop()
                stack.append(stack.pop() < b)
            elif name == "equal":
                b = stack.pop()
                stack.append(stack.pop() == b)
            elif name == "jump":
                at = operand
            elif name == "jump_if":
                if stack.pop():
                    at = operand
            elif name == "jump_not":
                if not stack.pop():
                    at = operand
            elif name == "print":
                self.output.append(stack.pop())
            else:
                raise ValueError(name)


class Dispatching(Machine):
    """The same machine with a method per instruction."""

    def run(self):
        self.at = 0
        methods = [(getattr(self, "do_" + name), operand) for name, operand in self.program]
        while self.at < len(methods):
            method, operand = methods[self.at]
            self.at += 1
            self.executed += 1
            method(operand)

    def do_load(self, name):
        self.stack.append(self.variables[name])

    def do_store(self, name):
        self.variables[name] = self.stack.pop()

    def do_push(self, value):
        self.stack.append(value)

    def do_add(self, _):
        self.stack.append(self.stack.pop() + self.stack.pop())

    def do_mul(self, _):
        self.stack.append(self.stack.pop() * self.stack.pop())

    def do_div(self, _):
        b = self.stack.pop()
        self.stack.append(self.stack.pop() // b)

    def do_mod(self, _):
        b = self.stack.pop()
        self.stack.append(self.stack.pop() % b)

    def do_less(self, _):
        self.stack.append(self.stack.pop() > self.stack.pop())

    def do_equal(self, _):
        self.stack.append(self.stack.pop() == self.stack.pop())

    def do_jump(self, target):
        self.at = target

    def do_jump_if(self, target):
        if self.stack.pop():
            self.at = target

    def do_jump_not(self, target):
        if not self.stack.pop():
            self.at = target

    def do_print(self, _):
        self.output.append(self.stack.pop())


for kind in (Machine, Dispatching):
    machine = kind(assemble(PROGRAM))
    machine.run()
    print(machine.output, machine.executed)
