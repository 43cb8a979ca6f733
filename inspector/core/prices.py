"""What model calls cost, by the price list that comes with the `genai-prices` package. No network, no table of ours.

The package takes a third of a second to import, so it is imported in a thread, and only once a call has reported
usage. Each call is priced by itself: prices have tiers by the size of a prompt, which a sum of usages would miss.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from inspector.core.events import Usage
from inspector.core.nodes import Span
from inspector.core.run import Run

Pricer: TypeAlias = Callable[[str, str, Usage], Decimal | None]
"""Takes provider, model and the usage of one call; returns US dollars, None where the price is not known."""


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars, and the models (`provider/name`) that have no known price. `amount` None: nothing is known."""

    amount: Decimal | None = None
    unknown: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether `amount` leaves out calls of models without a price."""
        return self.amount is not None and bool(self.unknown)

    def __str__(self) -> str:
        """`$0.0042`, `$1.20+` when there is more than is known, nothing when nothing is known."""
        if self.amount is None:
            return ""
        return dollars(self.amount) + ("+" if self.unknown else "")


def load_prices() -> Pricer:
    """Import the price list (a third of a second). Without the package nothing has a price."""
    try:
        from genai_prices import Usage as Tokens
        from genai_prices import calc_price
    except ImportError:
        return lambda _provider, _model, _usage: None

    def price(provider: str, model: str, usage: Usage) -> Decimal | None:
        cached = usage.cache_read + usage.cache_write
        tokens = Tokens(
            # LangChain's input counts what came from a cache too; integrations that leave it out are put right.
            input_tokens=usage.input if usage.input >= cached else usage.input + cached,
            cache_read_tokens=usage.cache_read,
            cache_write_tokens=usage.cache_write,
            output_tokens=usage.output,  # reasoning is part of it, at the same price
        )
        for name in _names(model):
            try:
                return calc_price(tokens, name, provider_id=provider or None).total_price
            except (LookupError, ValueError):
                continue
        return None

    return price


def _names(model: str) -> tuple[str, ...]:
    """A model's name as LangChain gives it, then without the path (`models/gemini-2.5-pro`) that some clients add."""
    short = model.rpartition("/")[2]
    return (model, short) if short != model else (model,)


class Meter:
    """Adds up what the model calls of a run cost; each is priced once, when it has ended."""

    def __init__(self, load: Callable[[], Pricer] = load_prices) -> None:
        self._load = load
        self._price: Pricer | None = None
        self._thread: threading.Thread | None = None
        self._run: Run | None = None
        self._next = 0
        self._waiting: list[Span] = []
        self._amount: Decimal | None = None
        self._unknown: dict[str, None] = {}

    @property
    def loading(self) -> bool:
        """Whether calls wait for the price list, so that `read` is worth calling again soon."""
        return self._thread is not None and self._price is None

    @property
    def cost(self) -> Cost:
        """What is known so far."""
        return Cost(self._amount, tuple(self._unknown))

    def read(self, run: Run, *, wait: bool = False) -> Cost:
        """What the run has cost so far. Looks only at calls that began or were open since the last time.

        The price list is imported in the background when first needed, until then nothing is known; `wait` imports
        it here and now.
        """
        if run is not self._run:
            self._run, self._next, self._waiting, self._amount, self._unknown = run, 0, [], None, {}
        if self._next < len(run.models):
            self._waiting.extend(run.models[self._next :])
            self._next = len(run.models)
        if not self._waiting:
            return self.cost
        if self._price is None and any(span.usage is not None and _named(span) for span in self._waiting):
            self._begin_loading(wait)
        still: list[Span] = []
        for span in self._waiting:
            if span.open or (span.usage is not None and self._price is None and _named(span)):
                still.append(span)
            elif span.usage is not None and self._price is not None:
                self._add(self._price, span.provider, span.model, span.usage)
        self._waiting = still
        return self.cost

    def _add(self, price: Pricer, provider: str, model: str, usage: Usage) -> None:
        amount = price(provider, model, usage) if model else None
        if amount is not None:
            self._amount = amount + (self._amount or 0)
        else:
            self._unknown["/".join(filter(None, (provider, model or "?")))] = None

    def _begin_loading(self, wait: bool) -> None:
        if wait:
            self._price = self._load()
        elif self._thread is None:
            self._thread = threading.Thread(target=self._load_behind, name="prices", daemon=True)
            self._thread.start()

    def _load_behind(self) -> None:
        try:
            self._price = self._load()
        except Exception:
            # A broken install of the price list must cost the prices, not the debugger.
            self._price = lambda _provider, _model, _usage: None


def _named(span: Span) -> bool:
    return bool(span.model)


def dollars(amount: Decimal) -> str:
    """`$0`, `<$0.0001`, `$0.0042`, `$0.12`, `$3.40`, `$1,204`."""
    if amount <= 0:
        return "$0"
    if amount < Decimal("0.0001"):
        return "<$0.0001"
    if amount < Decimal("0.01"):
        return f"${amount:.4f}"
    if amount < Decimal("0.1"):
        return f"${amount:.3f}"
    return f"${amount:.2f}" if amount < 1000 else f"${amount:,.0f}"
