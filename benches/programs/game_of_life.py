"""Conway's game of life: with a set of cells, and with a grid of lists."""

GLIDER_GUN = """
........................O...........
......................O.O...........
............OO......OO............OO
...........O...O....OO............OO
OO........O.....O...OO..............
OO........O...O.OO....O.O...........
..........O.....O.......O...........
...........O...O....................
............OO......................
"""


def parse(text):
    rows = text.strip().split("\n")
    return {(x, y) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell == "O"}


def step_sparse(cells):
    neighbours = {}
    for x, y in cells:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if dx or dy:
                    place = (x + dx, y + dy)
                    neighbours[place] = neighbours.get(place, 0) + 1
    return {place for place, n in neighbours.items() if n == 3 or n == 2 and place in cells}


def step_dense(grid):
    height, width = len(grid), len(grid[0])
    result = []
    for y in range(height):
        above, row, below = grid[y - 1], grid[y], grid[(y + 1) % height]
        new = []
        for x in range(width):
            left, right = x - 1, (x + 1) % width
            n = (
                above[left] + above[x] + above[right]
                + row[left] + row[right]
                + below[left] + below[x] + below[right]
            )
            new.append(1 if n == 3 or (n == 2 and row[x]) else 0)
        result.append(new)
    return result


def main():
    cells = parse(GLIDER_GUN)
    for _ in range(1500):
        cells = step_sparse(cells)
    print(len(cells), min(cells), max(cells))
    grid = [[(x * x + y * 3) % 5 == 0 for x in range(90)] for y in range(64)]
    for _ in range(250):
        grid = step_dense(grid)
    print(sum(map(sum, grid)))
    for row in grid[:5]:
        print("".join(".O"[cell] for cell in row))


main()
