"""A sudoku solver: propagation of candidates and search."""

PUZZLES = [
    "4.....8.5.3..........7......2.....6.....8.4......1.......6.3.7.5..2.....1.4......",
    "52...6.........7.13...........4..8..6......5...........418.........3..2...87.....",
    "6.....8.3.4.7.................5.4.7.3..2.....1.6.......2.....5.....8.6......1....",
    "48.3............71.2.......7.5....6....2..8.............1.76...3.....4......5....",
    "....14....3....2...7..........9...3.6.1.............8.2.....1.4....5.6.....7.8...",
    "..............3.85..1.2.......5.7.....4...1...9.......5......73..2.1........4...9",
]

ROWS, COLUMNS = "ABCDEFGHI", "123456789"
CELLS = [r + c for r in ROWS for c in COLUMNS]
UNITS = (
    [[r + c for c in COLUMNS] for r in ROWS]
    + [[r + c for r in ROWS] for c in COLUMNS]
    + [[r + c for r in rs for c in cs]
       for rs in ("ABC", "DEF", "GHI") for cs in ("123", "456", "789")]
)
UNITS_OF = {cell: [unit for unit in UNITS if cell in unit] for cell in CELLS}
PEERS = {cell: set(sum(UNITS_OF[cell], [])) - {cell} for cell in CELLS}


def parse(puzzle):
    values = {cell: COLUMNS for cell in CELLS}
    for cell, digit in zip(CELLS, puzzle):
        if digit in COLUMNS and not assign(values, cell, digit):
            raise ValueError(puzzle)
    return values


def assign(values, cell, digit):
    others = values[cell].replace(digit, "")
    return all(eliminate(values, cell, other) for other in others)


def eliminate(values, cell, digit):
    if digit not in values[cell]:
        return True
    values[cell] = values[cell].replace(digit, "")
    if not values[cell]:
        return False
    if len(values[cell]) == 1:
        last = values[cell]
        if not all(eliminate(values, peer, last) for peer in PEERS[cell]):
            return False
    for unit in UNITS_OF[cell]:
        places = [place for place in unit if digit in values[place]]
        if not places:
            return False
        if len(places) == 1 and not assign(values, places[0], digit):
            return False
    return True


def search(values, counter):
    counter[0] += 1
    open_cells = [(len(values[cell]), cell) for cell in CELLS if len(values[cell]) > 1]
    if not open_cells:
        return values
    _, cell = min(open_cells)
    for digit in values[cell]:
        copy = values.copy()
        if assign(copy, cell, digit):
            solved = search(copy, counter)
            if solved:
                return solved
    return None


def renamed(puzzle, shift):
    """The same puzzle with other digits: another path through the search."""
    return "".join(COLUMNS[(int(d) + shift - 1) % 9] if d in COLUMNS else d for d in puzzle)


for puzzle in PUZZLES:
    tried = solved = 0
    for shift in range(9):
        counter = [0]
        solution = search(parse(renamed(puzzle, shift)), counter)
        tried += counter[0]
        solved += solution is not None
    print("".join(solution[cell] for cell in CELLS), solved, tried)
