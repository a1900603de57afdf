"""One-way constraints with strengths, replanned as they come and go (after the
idea of DeltaBlue): classes, polymorphism, lists of objects, graph walks."""

REQUIRED, STRONG, NORMAL, WEAK = range(4)


class Variable:
    def __init__(self, name, value):
        self.name = name
        self.value = value
        self.constraints = []
        self.determined_by = None
        self.strength = WEAK + 1
        self.mark = 0


class Constraint:
    def __init__(self, planner, strength):
        self.strength = strength
        self.output = None
        self.planner = planner

    def variables(self):
        raise NotImplementedError

    def inputs(self):
        return [v for v in self.variables() if v is not self.output]

    def execute(self):
        raise NotImplementedError

    def choose(self, mark):
        """The weakest variable that this constraint may overrule."""
        candidates = [v for v in self.variables() if v.mark != mark and v.strength > self.strength]
        return max(candidates, key=lambda v: v.strength) if candidates else None

    def attach(self):
        for variable in self.variables():
            variable.constraints.append(self)
        self.planner.satisfy(self)

    def detach(self):
        for variable in self.variables():
            variable.constraints.remove(self)
        self.planner.withdraw(self)


class Stay(Constraint):
    def __init__(self, planner, variable, strength):
        super().__init__(planner, strength)
        self.variable = variable
        self.attach()

    def variables(self):
        return [self.variable]

    def execute(self):
        pass


class Edit(Stay):
    value = 0

    def execute(self):
        self.variable.value = self.value


class Scale(Constraint):
    """b = a * factor + offset, either way."""

    def __init__(self, planner, a, b, factor, offset, strength):
        super().__init__(planner, strength)
        self.a, self.b, self.factor, self.offset = a, b, factor, offset
        self.attach()

    def variables(self):
        return [self.a, self.b]

    def execute(self):
        if self.output is self.b:
            self.b.value = self.a.value * self.factor + self.offset
        else:
            self.a.value = (self.b.value - self.offset) // self.factor


class Equal(Scale):
    def __init__(self, planner, a, b, strength):
        super().__init__(planner, a, b, 1, 0, strength)

    def execute(self):
        if self.output is self.b:
            self.b.value = self.a.value
        else:
            self.a.value = self.b.value


class Planner:
    def __init__(self):
        self.mark = 0
        self.satisfied = 0
        self.overruled = 0

    def satisfy(self, constraint):
        self.mark += 1
        while constraint is not None:
            output = constraint.choose(self.mark)
            if output is None:
                constraint.output = None
                return
            loser = output.determined_by
            if loser is not None:
                loser.output = None
                self.overruled += 1
            constraint.output = output
            output.determined_by = constraint
            output.mark = self.mark
            self.satisfied += 1
            self.propagate(output)
            constraint = loser

    def propagate(self, start):
        work = [start]
        seen = set()
        while work:
            variable = work.pop()
            if variable.name in seen:
                continue
            seen.add(variable.name)
            by = variable.determined_by
            if by is None:
                variable.strength = WEAK + 1
                continue
            inputs = by.inputs()
            variable.strength = max([by.strength] + [v.strength for v in inputs])
            by.execute()
            for other in variable.constraints:
                if other is not by and other.output is not None:
                    work.append(other.output)

    def withdraw(self, constraint):
        output = constraint.output
        if output is None:
            return
        constraint.output = None
        output.determined_by = None
        output.strength = WEAK + 1
        self.propagate(output)
        idle = [c for c in output.constraints if c.output is None]
        for other in sorted(idle, key=lambda c: c.strength):
            self.satisfy(other)

    def plan(self, source):
        """The constraints to execute, in order, when a source changes."""
        self.mark += 1
        plan, work = [], [source]
        while work:
            constraint = work.pop()
            if constraint.output is None or constraint.output.mark == self.mark:
                continue
            plan.append(constraint)
            constraint.output.mark = self.mark
            work.extend(c for c in constraint.output.constraints if c is not constraint)
        return plan


def chain(length, rounds):
    planner = Planner()
    variables = [Variable(f"v{n}", n) for n in range(length + 1)]
    for a, b in zip(variables, variables[1:]):
        Equal(planner, a, b, REQUIRED)
    Stay(planner, variables[-1], NORMAL)
    edit = Edit(planner, variables[0], STRONG)
    plan = planner.plan(edit)
    for n in range(rounds):
        edit.value = n
        for constraint in plan:
            constraint.execute()
    return variables[-1].value, len(plan), planner.satisfied, planner.overruled


def projection(size, rounds):
    planner = Planner()
    pairs = []
    for n in range(size):
        a, b = Variable(f"a{n}", n), Variable(f"b{n}", 0)
        Stay(planner, a, WEAK)
        Scale(planner, a, b, n % 7 + 1, n, REQUIRED)
        pairs.append((a, b))
    total = 0
    for n in range(rounds):
        a, b = pairs[n % size]
        edit = Edit(planner, (a, b)[n % 2], STRONG)
        edit.value = n
        for constraint in planner.plan(edit):
            constraint.execute()
        total += a.value + b.value
        edit.detach()
    return total, planner.satisfied, planner.overruled


print(chain(600, 2500))
print(projection(300, 70_000))
