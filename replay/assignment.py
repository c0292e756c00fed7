"""Who gets what at the least cost in all: rows to columns, each used once. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Costs = Sequence[Mapping[int, int]]
"""What each row would pay for each column that it may have."""


def assign(costs: Costs, nothing: int) -> tuple[int | None, ...]:
    """Give each row a column or none, so that the sum of what is paid is least.

    Whole numbers keep it exact: rows and columns in another order cost the same. Of solutions that cost the
    same the one found depends on the order of rows and columns alone.

    Parameters
    ----------
    costs : one mapping a row, from column to cost >= 0
    nothing : what a row pays that gets none; a column that costs as much or more is not given

    Returns
    -------
    A row's column or None, row by row; no column twice.
    """
    given: list[int | None] = [None] * len(costs)
    allowed = [{column: cost for column, cost in row.items() if cost < nothing} for row in costs]
    for rows in _connected(allowed):
        columns = sorted({column for row in rows for column in allowed[row]})
        dear = nothing * (len(rows) + 1)
        matrix = [
            [*(allowed[row].get(column, dear) for column in columns), *([nothing] * len(rows))]
            for row in rows
        ]
        for row, place in zip(rows, _hungarian(matrix), strict=True):
            given[row] = columns[place] if place < len(columns) else None
    return tuple(given)


def _connected(allowed: Sequence[Mapping[int, int]]) -> list[list[int]]:
    """Rows that compete for columns, directly or through others; rows that may have none are left out."""
    groups: list[tuple[set[int], list[int]]] = []
    for row, options in enumerate(allowed):
        if not options:
            continue
        touching = [group for group in groups if not group[0].isdisjoint(options)]
        columns = set(options).union(*(group[0] for group in touching))
        rows = sorted([row, *(each for group in touching for each in group[1])])
        groups = [group for group in groups if group[0].isdisjoint(columns)] + [(columns, rows)]
    return [rows for _, rows in groups]


def _hungarian(cost: Sequence[Sequence[int]]) -> list[int]:
    """The column of each row of a matrix with no fewer columns than rows, at the least sum.

    Source: shortest augmenting paths with potentials, Kuhn 1955 and Munkres 1957.
    """
    n, m = len(cost), len(cost[0])
    for_row, for_column = [0] * (n + 1), [0] * (m + 1)
    row_of = [0] * (m + 1)
    for row in range(1, n + 1):
        row_of[0] = row
        column, came_from = _reach(cost, row_of, for_row, for_column)
        while column:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    found = [0] * n
    for column in range(1, m + 1):
        if row_of[column]:
            found[row_of[column] - 1] = column - 1
    return found


def _reach(
    cost: Sequence[Sequence[int]], row_of: list[int], for_row: list[int], for_column: list[int]
) -> tuple[int, list[int]]:
    """The nearest free column, and the way to it; the potentials move along."""
    m = len(for_column) - 1
    far = 1 << 62
    least, came_from, used = [far] * (m + 1), [0] * (m + 1), [False] * (m + 1)
    column = 0
    while row_of[column]:
        used[column] = True
        row, step, following = row_of[column], far, 0
        for each in range(1, m + 1):
            if used[each]:
                continue
            reduced = cost[row - 1][each - 1] - for_row[row] - for_column[each]
            if reduced < least[each]:
                least[each], came_from[each] = reduced, column
            if least[each] < step:
                step, following = least[each], each
        for each in range(m + 1):
            if used[each]:
                for_row[row_of[each]] += step
                for_column[each] -= step
            else:
                least[each] -= step
        column = following
    return column, came_from
