"""Which model calls the tokens pane shows: the newest that runs, or the one the developer chose, and beside it those
that ran at the same time, as many as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from inspector.core.nodes import Span

_NEAR = 32  # calls on either side that are looked at


def newest(models: Sequence[Span], shown: int) -> int:
    """The index of the newest call that runs. If none does: of the one that is `shown` if it is beside the last one,
    else of the last. -1: no calls."""
    last = len(models) - 1
    for index in range(last, max(-1, last - 4 * _NEAR), -1):
        if models[index].open:
            return index
    return shown if 0 <= shown <= last and overlap(models[shown], models[last]) else last


def window(models: Sequence[Span], chosen: int, room: int, shown: Sequence[int] = ()) -> list[int]:
    """The indices of at most `room` calls to show side by side: the chosen one and its contemporaries.

    Calls that are `shown` and run stay in their column; where one has ended, another that runs may take its place.
    """
    if not 0 <= chosen < len(models):
        return []
    if room <= 1:
        return [chosen]
    near = range(max(0, chosen - _NEAR), min(len(models), chosen + _NEAR + 1))
    together = [at for at in near if at == chosen or overlap(models[at], models[chosen])]

    def rank(at: int) -> tuple[int, int]:
        if at == chosen:
            return 0, 0
        kind = 1 if models[at].open and at in shown else 2 if models[at].open else 3 if at in shown else 4
        return kind, abs(at - chosen)

    best = set(sorted(together, key=rank)[:room])
    if len(best) != len(shown):
        return sorted(best)
    fresh = iter(sorted(best.difference(shown)))
    return [at if at in best else next(fresh) for at in shown]


def overlap(a: Span, b: Span) -> bool:
    """Whether two calls ran at the same time."""
    return a is b or ((a.ended is None or a.ended > b.started) and (b.ended is None or b.ended > a.started))
