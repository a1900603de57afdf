"""Float arithmetic on a few objects' worth of lists: planets around a sun."""

BODIES = [
    # x, y, z, vx, vy, vz, mass
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 39.4784],
    [4.84, -1.16, -0.10, 0.606, 2.81, -0.02, 0.0377],
    [8.34, 4.12, -0.40, -1.01, 1.82, 0.008, 0.0113],
    [12.89, -15.11, -0.22, 1.08, 0.868, -0.010, 0.0017],
    [15.37, -25.91, 0.179, 0.979, 0.594, -0.034, 0.0020],
]


def pairs_of(bodies):
    return [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1 :]]


def energy(bodies, pairs):
    total = 0.0
    for x, y, z, vx, vy, vz, mass in bodies:
        total += 0.5 * mass * (vx * vx + vy * vy + vz * vz)
    for a, b in pairs:
        dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
        total -= a[6] * b[6] / (dx * dx + dy * dy + dz * dz) ** 0.5
    return total


def advance(bodies, pairs, dt, steps):
    for _ in range(steps):
        for a, b in pairs:
            dx = a[0] - b[0]
            dy = a[1] - b[1]
            dz = a[2] - b[2]
            squared = dx * dx + dy * dy + dz * dz
            pull = dt / (squared * squared**0.5)
            of_b, of_a = b[6] * pull, a[6] * pull
            a[3] -= dx * of_b
            a[4] -= dy * of_b
            a[5] -= dz * of_b
            b[3] += dx * of_a
            b[4] += dy * of_a
            b[5] += dz * of_a
        for body in bodies:
            body[0] += dt * body[3]
            body[1] += dt * body[4]
            body[2] += dt * body[5]


def main():
    pairs = pairs_of(BODIES)
    print(f"{energy(BODIES, pairs):.9f}")
    advance(BODIES, pairs, 0.005, 160_000)
    print(f"{energy(BODIES, pairs):.9f}")
    print([f"{value:.6f}" for value in BODIES[1]])


main()
