"""A simulated operating system: tasks with priorities that pass packets around.

Object oriented through and through: subclasses, state, queues, a scheduler.
"""


class Packet:
    def __init__(self, kind, data):
        self.kind = kind
        self.data = data
        self.hops = 0


class Task:
    """Takes one packet from its queue at a time, or waits for the next."""

    def __init__(self, system, name, priority):
        self.system = system
        self.name = name
        self.priority = priority
        self.queue = []
        self.waiting = False
        self.held = False
        self.handled = 0
        system.add(self)

    def receive(self, packet):
        self.queue.append(packet)
        self.waiting = False

    def is_runnable(self):
        return not self.held and (bool(self.queue) or not self.waiting)

    def step(self):
        if not self.queue:
            self.waiting = True
            return
        packet = self.queue.pop(0)
        packet.hops += 1
        self.handled += 1
        self.handle(packet)

    def handle(self, packet):
        raise NotImplementedError


class Worker(Task):
    def __init__(self, system, name, priority, targets):
        super().__init__(system, name, priority)
        self.targets = targets
        self.next_target = 0
        self.letters = 0

    def handle(self, packet):
        for i in range(len(packet.data)):
            self.letters = (self.letters + packet.data[i]) % 26
            packet.data[i] = self.letters + 1
        target = self.targets[self.next_target]
        self.next_target = (self.next_target + 1) % len(self.targets)
        self.system.send(target, packet)


class Handler(Task):
    """Alternates between a device and a worker, depending on the packet."""

    def __init__(self, system, name, priority, device, worker):
        super().__init__(system, name, priority)
        self.device = device
        self.worker = worker

    def handle(self, packet):
        if packet.kind == "work":
            packet.kind = "io"
            self.system.send(self.device, packet)
        else:
            packet.kind = "work"
            self.system.send(self.worker, packet)


class Device(Task):
    """Holds a task back for a while after each packet."""

    def __init__(self, system, name, priority, back):
        super().__init__(system, name, priority)
        self.back = back

    def handle(self, packet):
        if packet.data[0] % 3 == 0:
            self.system.hold(self)
        self.system.send(self.back, packet)


class Idle(Task):
    """Runs when no other task can, and lets one held task go each time."""

    def __init__(self, system, name, priority, rounds):
        super().__init__(system, name, priority)
        self.rounds = rounds
        self.seed = 1

    def is_runnable(self):
        return self.rounds > 0

    def step(self):
        self.rounds -= 1
        self.handled += 1
        if self.seed & 1:
            self.seed = self.seed >> 1 ^ 0xD008
            self.system.release("disk")
        else:
            self.seed >>= 1
            self.system.release("network")
        if self.rounds % 5 == 0:
            self.system.send("worker", Packet("work", [self.rounds % 26, 1, 2, 3]))


class System:
    def __init__(self):
        self.tasks = []
        self.by_name = {}
        self.sent = 0
        self.holds = 0

    def add(self, task):
        self.tasks.append(task)
        self.tasks.sort(key=lambda t: -t.priority)
        self.by_name[task.name] = task

    def send(self, name, packet):
        # A packet that has gone far enough is dropped, so that the queues stay short.
        if packet.hops < 24:
            self.sent += 1
            self.by_name[name].receive(packet)

    def hold(self, task):
        task.held = True
        self.holds += 1

    def release(self, name):
        self.by_name[name].held = False

    def run(self):
        while True:
            for task in self.tasks:
                if task.is_runnable():
                    task.step()
                    break
            else:
                return


def main():
    system = System()
    Idle(system, "idle", 0, 100_000)
    Worker(system, "worker", 1000, ["handler a", "handler b"])
    Handler(system, "handler a", 2000, "disk", "worker")
    Handler(system, "handler b", 3000, "network", "worker")
    Device(system, "disk", 4000, "handler a")
    Device(system, "network", 5000, "handler b")
    system.run()
    print(system.sent, system.holds)
    for task in system.tasks:
        print(task.name, task.handled, len(task.queue))


main()
