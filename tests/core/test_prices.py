"""What a run costs: each call priced once and by itself, nothing said of what is not known, no network."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from threading import Event as Flag

import pytest

from inspector.core.events import RunStarted, SpanEnded, SpanStarted, Usage
from inspector.core.prices import Cost, Meter, Pricer, dollars, load_prices
from inspector.core.run import Run


@pytest.fixture(scope="module")
def price() -> Pricer:
    return load_prices()


def call(run: Run, span: str, usage: Usage | None, provider: str = "openai", model: str = "gpt-4o") -> None:
    run.append(SpanStarted(0.0, span, None, "model", "chat", None, model=model, provider=provider))
    run.append(SpanEnded(1.0, span, "ok", usage=usage))


def started() -> Run:
    run = Run()
    run.append(RunStarted(0.0, "r", "t", "g", 0.0))
    return run


def loaded(meter: Meter) -> None:
    while meter.loading:
        Flag().wait(0.005)


def test_known_models(price: Pricer) -> None:
    assert price("openai", "gpt-4o-2024-08-06", Usage(1_000_000, 1_000_000)) == Decimal("12.5")
    assert price("", "gpt-4o", Usage(1_000_000)) == Decimal("2.5")
    assert price("google_genai", "models/gemini-2.5-flash", Usage(1000, 10)) == price(
        "google_genai", "gemini-2.5-flash", Usage(1000, 10)
    )


def test_cached_input_is_part_of_the_input_and_cheaper(price: Pricer) -> None:
    plain = price("anthropic", "claude-sonnet-4-5", Usage(10_000, 100))
    cached = price("anthropic", "claude-sonnet-4-5", Usage(10_000, 100, cache_read=10_000))
    written = price("anthropic", "claude-sonnet-4-5", Usage(10_000, 100, cache_write=10_000))
    apart = price("anthropic", "claude-sonnet-4-5", Usage(0, 100, cache_read=10_000))
    assert plain is not None
    assert cached is not None
    assert written is not None
    assert cached < plain < written
    assert apart == cached


def test_reasoning_is_part_of_the_output(price: Pricer) -> None:
    assert price("openai", "o3", Usage(10, 100, reasoning=90)) == price("openai", "o3", Usage(10, 100))


def test_unknown_models_have_no_price(price: Pricer) -> None:
    assert price("scripted", "scripted-1", Usage(10, 10)) is None
    assert price("ollama", "gpt-4o", Usage(10, 10)) is None
    assert price("openai", "no-such-model", Usage(10, 10)) is None


def test_calls_are_priced_one_by_one_for_tiers_go_by_the_size_of_a_prompt(price: Pricer) -> None:
    usage = Usage(150_000, 100)
    one = price("google_genai", "gemini-2.5-pro", usage)
    both = price("google_genai", "gemini-2.5-pro", Usage(300_000, 200))
    assert one is not None
    assert both is not None
    assert both > 2 * one
    run = started()
    for span in "ab":
        call(run, span, usage, "google_genai", "gemini-2.5-pro")
    assert Meter().read(run, wait=True).amount == 2 * one


def test_a_call_counts_once_and_when_it_has_ended() -> None:
    asked: list[tuple[str, str]] = []

    def count(provider: str, model: str, usage: Usage) -> Decimal | None:
        asked.append((provider, model))
        return Decimal(usage.input)

    run, meter = started(), Meter(lambda: count)
    run.append(SpanStarted(0.0, "a", None, "model", "chat", None, model="m", provider="p"))
    call(run, "b", Usage(2))
    call(run, "c", None)
    assert meter.read(run, wait=True) == Cost(Decimal(2))
    run.append(SpanEnded(2.0, "a", "ok", usage=Usage(3)))
    assert meter.read(run).amount == 5
    assert meter.read(run).amount == 5
    assert asked == [("openai", "gpt-4o"), ("p", "m")]
    other = started()
    assert meter.read(other).amount is None


def test_without_a_call_that_has_usage_and_a_model_nothing_is_imported() -> None:
    def never() -> Pricer:
        raise AssertionError("loaded")

    run, meter = started(), Meter(never)
    call(run, "a", None)
    call(run, "b", Usage(1), model="")
    run.append(SpanStarted(0.0, "c", None, "model", "chat", None, model="m"))
    meter.read(run)
    assert not meter.loading


def test_the_list_is_loaded_behind_and_then_everything_is_priced() -> None:
    go = Flag()

    def slowly() -> Pricer:
        assert go.wait(10)
        return lambda _provider, _model, _usage: Decimal(1)

    run, meter = started(), Meter(slowly)
    call(run, "a", Usage(1))
    assert meter.read(run) == Cost()
    assert meter.loading
    go.set()
    loaded(meter)
    assert meter.read(run) == Cost(Decimal(1))


def test_a_broken_list_costs_the_prices_only() -> None:
    def broken() -> Pricer:
        raise RuntimeError("broken install")

    run, meter = started(), Meter(broken)
    call(run, "a", Usage(1))
    meter.read(run)
    loaded(meter)
    assert meter.read(run) == Cost(None, ("openai/gpt-4o",))


def test_what_is_left_out_is_said() -> None:
    run = started()
    call(run, "a", Usage(1000, 100))
    call(run, "b", Usage(1000, 100), "scripted", "scripted-1")
    cost = Meter().read(run, wait=True)
    assert cost.unknown == ("scripted/scripted-1",)
    assert cost.partial
    assert str(cost) == "$0.0035+"
    assert str(Cost(None, ("x",))) == ""


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "$0"), ("0.00001", "<$0.0001"), ("0.0042", "$0.0042"), ("0.042", "$0.042"), ("0.42", "$0.42"),
     ("12.346", "$12.35"), ("1204.2", "$1,204")],
)  # fmt: skip
def test_dollars(amount: str, text: str) -> None:
    assert dollars(Decimal(amount)) == text


def test_no_network() -> None:
    """In a fresh interpreter in which any connection or name look-up is an error."""
    code = """
import socket
def refuse(*args, **kwargs):
    raise SystemExit("network!")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
from inspector.core.events import Usage
from inspector.core.prices import load_prices
print(load_prices()("openai", "gpt-4o", Usage(1000000)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "2.50"), done.stderr


def test_importing_the_module_imports_no_list() -> None:
    code = "import sys, inspector.core.prices; print('genai_prices' in sys.modules, 'pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["False", "False"], done.stderr
