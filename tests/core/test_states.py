"""States are fetched when somebody looks, and a bounded number of them is kept."""

from __future__ import annotations

from inspector.core.events import Namespace
from inspector.core.run import Run
from inspector.core.states import States
from inspector.core.view import State, View


class Loader:
    def __init__(self) -> None:
        self.asked: list[tuple[str, Namespace]] = []
        self.problem = ""

    async def __call__(self, checkpoint: str, ns: Namespace) -> State:
        self.asked.append((checkpoint, ns))
        return State(checkpoint, ns, {"text": "x" * 1000}, problem=self.problem)


async def test_fetches_once_and_tells_namespaces_apart() -> None:
    loader = Loader()
    states = States(View(Run(), loader))
    assert states.peek("a") is None
    first = await states.load("a")
    assert await states.load("a") is first
    assert states.peek("a") is first
    await states.load("a", ("sub:1",))
    assert loader.asked == [("a", ()), ("a", ("sub:1",))]


async def test_keeps_the_last_looked_at() -> None:
    loader = Loader()
    states = States(View(Run(), loader), keep=3)
    for name in ("a", "b", "c"):
        await states.load(name)
    states.peek("a")
    await states.load("d")
    assert states.peek("b") is None
    assert states.peek("a") is not None
    assert len(states) == 3


async def test_is_bounded_in_bytes() -> None:
    states = States(View(Run(), Loader()), keep=1000, budget=10_000)
    for number in range(100):
        await states.load(str(number))
    assert 2 <= len(states) <= 10
    assert states.peek("99") is not None


async def test_a_problem_is_not_kept() -> None:
    loader = Loader()
    loader.problem = "not yet"
    states = States(View(Run(), loader))
    assert (await states.load("a")).problem == "not yet"
    loader.problem = ""
    assert (await states.load("a")).problem == ""
    assert len(loader.asked) == 2
