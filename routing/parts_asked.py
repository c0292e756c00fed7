"""Of a wide day's groups those whose vans are asked why a visit is unserved. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from routing.parts import Group, Most
from routing.problem import Problem


def asked_together(
    problem: Problem, groups: Sequence[Group], unserved: Set[int], most: Most
) -> Iterator[Group]:
    """The groups with vans; after each, its vans again with the visits that it had no room for.

    Parameters
    ----------
    groups : as `parted` gives them: a group without vans follows the one that had no room for its visits

    Returns
    -------
    Groups of no more than `most` places, unless one knot's visits and what its vans serve are more.
    """
    tied = {n for relation in problem.relations for n in relation.visits}
    home: Group | None = None
    held: list[int] = []
    more: list[int] = []
    for group in groups:
        if not group.vans:
            if home is None:
                continue
            if more and len(more) + len(group.visits) > _room(problem, home, held, most):
                yield _with(home, held, more)
                more = []
            more += group.visits
            continue
        if home is not None and more:
            yield _with(home, held, more)
        yield group
        home, more = group, []
        held = [n for n in group.visits if n not in unserved or n in tied]
    if home is not None and more:
        yield _with(home, held, more)


def _room(problem: Problem, home: Group, held: Sequence[int], most: Most) -> int:
    """How many visits fit into a table beside what the vans serve and patrol."""
    return most.places - len(held) - sum(not cell.vans.isdisjoint(home.vans) for cell in problem.cells)


def _with(home: Group, held: Sequence[int], more: Sequence[int]) -> Group:
    return replace(home, visits=tuple(sorted((*held, *more))))
