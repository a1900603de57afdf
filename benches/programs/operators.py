"""Classes with operators: vectors, matrices and rationals."""


class Vector:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    __rmul__ = __mul__

    def __matmul__(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    def __neg__(self):
        return self * -1

    def __eq__(self, other):
        return (self.x, self.y, self.z) == (other.x, other.y, other.z)

    def __abs__(self):
        return (self @ self) ** 0.5

    def __bool__(self):
        return bool(self.x or self.y or self.z)


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


class Rational:
    def __init__(self, above, below=1):
        if below < 0:
            above, below = -above, -below
        common = gcd(abs(above), below)
        self.above = above // common
        self.below = below // common

    def __add__(self, other):
        if isinstance(other, int):
            other = Rational(other)
        return Rational(
            self.above * other.below + other.above * self.below, self.below * other.below
        )

    __radd__ = __add__

    def __sub__(self, other):
        return self + Rational(-other.above, other.below)

    def __mul__(self, other):
        return Rational(self.above * other.above, self.below * other.below)

    def __truediv__(self, other):
        return Rational(self.above * other.below, self.below * other.above)

    def __eq__(self, other):
        return self.above == other.above and self.below == other.below

    def __lt__(self, other):
        return self.above * other.below < other.above * self.below

    def __hash__(self):
        return hash((self.above, self.below))

    def __str__(self):
        return f"{self.above}/{self.below}"


class Matrix:
    def __init__(self, rows):
        self.rows = rows

    def __getitem__(self, place):
        row, column = place
        return self.rows[row][column]

    def __setitem__(self, place, value):
        row, column = place
        self.rows[row][column] = value

    def __len__(self):
        return len(self.rows)

    def determinant(self):
        size, result = len(self), Rational(1)
        for i in range(size):
            result = result * self[i, i]
            for j in range(i + 1, size):
                factor = self[j, i] / self[i, i]
                for k in range(i, size):
                    self[j, k] = self[j, k] - factor * self[i, k]
        return result


def main():
    position, velocity = Vector(1.0, 0.0, 0.0), Vector(0.0, 1.0, 0.1)
    for _ in range(200_000):
        pull = -position * (1.0 / abs(position) ** 3)
        velocity += 0.001 * pull
        position = position + velocity * 0.001
    print(f"{position.x:.6f} {abs(velocity):.6f} {bool(position - position)}")
    rows = [[Rational((i * 7 + j * 3) % 11 + (i == j) * 9, i + j + 1) for j in range(26)]
            for i in range(26)]
    print(Matrix(rows).determinant())
    fractions = {Rational(a, b) for a in range(1, 300) for b in range(1, 300)}
    print(len(fractions), min(fractions), sum(Rational(1, n) for n in range(1, 60)))


main()
