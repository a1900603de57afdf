"""The Mandelbrot set in characters, with floats and with complex numbers."""

SHADES = " .:-=+*#%@"


def with_floats(width, height, limit):
    rows = []
    for row in range(height):
        ci = 2.4 * row / height - 1.2
        line = []
        for column in range(width):
            cr = 3.2 * column / width - 2.2
            zr = zi = 0.0
            n = 0
            while n < limit:
                rr = zr * zr
                ii = zi * zi
                if rr + ii > 4.0:
                    break
                zi = 2.0 * zr * zi + ci
                zr = rr - ii + cr
                n += 1
            line.append(SHADES[n * (len(SHADES) - 1) // limit])
        rows.append("".join(line))
    return rows


def with_complex(width, height, limit):
    inside = 0
    for row in range(height):
        for column in range(width):
            c = complex(3.2 * column / width - 2.2, 2.4 * row / height - 1.2)
            z = 0j
            for _ in range(limit):
                z = z * z + c
                if abs(z) > 2.0:
                    break
            else:
                inside += 1
    return inside


print("\n".join(with_floats(240, 100, 900)))
print(with_complex(240, 100, 300))
