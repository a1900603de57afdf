"""The functions that the children of ipc_programs.py run: importable under every start method."""

import os
import signal
import time


def put(queue):
    queue.put("a message through a queue")


def send(connection):
    connection.send("a message through a pipe")
    connection.send(connection.recv() * 2)
    connection.close()


def change(number, array):
    number.value = 42
    for i in range(len(array)):
        array[i] = -array[i]


def inside(semaphore, number, log):
    with semaphore:
        number.value += 1
        time.sleep(0.05)
        log.put(number.value)
        number.value -= 1


def add(lock, number, n):
    for _ in range(n):
        with lock:
            number.value += 1


def meet(barrier, event, log):
    barrier.wait(30)
    event.wait(30)
    log.put("met")


def wait_for_turn(condition, turn, mine, log):
    with condition:
        condition.wait_for(lambda: turn.value == mine, 30)
        log.put(mine)
        turn.value += 1
        condition.notify_all()


def square(x):
    return x * x


def fail(x):
    raise ValueError(f"no {x}")


def die(x):
    os.kill(os.getpid(), signal.SIGKILL)


def fill(name, n):
    from multiprocessing import shared_memory

    block = shared_memory.SharedMemory(name=name)
    block.buf[:n] = bytes(range(n))
    block.close()
