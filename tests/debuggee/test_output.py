"""What graphs print, log and warn: every line once, with its words as they are, whoever writes it and however."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest

from inspector.debuggee.output import captured

Said = list[tuple[str, str, str, str]]


@contextlib.contextmanager
def heard() -> Iterator[Said]:
    """What is written in the context. No fixture: pytest takes `sys.stdout` anew for each phase of a test."""
    lines: Said = []
    with captured(lambda *line: lines.append(line)):
        yield lines


def _texts(said: Said, stream: str = "stdout") -> list[str]:
    return [text for name, text, _, _ in said if name == stream]


def test_lines_come_whole_however_they_are_written() -> None:
    with heard() as said:
        print("one", end="")
        print(" two")
        sys.stdout.write("three\nfour\n\nfi")
        sys.stderr.write("beside\n")
        sys.stdout.writelines(["ve", "\n"])
        sys.stdout.buffer.write("six é\n".encode())
    assert _texts(said) == ["one two", "three", "four", "", "five", "six é"]
    assert _texts(said, "stderr") == ["beside"]


def test_a_line_without_an_end_is_sent_in_the_end_and_once() -> None:
    lines: Said = []
    with captured(lambda *line: lines.append(line)) as flush:
        print("a question? ", end="")
        flush()
        assert _texts(lines) == ["a question? "]
        print()
        print("next")
        print("last", end="")
    assert _texts(lines) == ["a question? ", "next", "last"]


@pytest.mark.parametrize("size", [500_000, 1_000_000])
def test_half_a_megabyte_on_a_line_is_one_line(size: int) -> None:
    with heard() as said:
        print("é" * size)
    assert _texts(said) == ["é" * size]


def test_a_line_that_never_ends_is_sent_in_pieces() -> None:
    with heard() as said:
        for _ in range(25):
            sys.stdout.write("x" * 100_000)
        sys.stdout.write("\nnext\n")
    texts = _texts(said)
    assert max(map(len, texts)) <= 1_100_000
    assert ("".join(texts[:-1]), texts[-1]) == ("x" * 2_500_000, "next")
    assert "" not in texts


def test_escapes_and_controls_are_passed_on_as_they_are() -> None:
    """Whoever shows them makes them safe; whoever reads them in a pipe wants them."""
    with heard() as said:
        evil = "\x1b[31mred\x1b[0m \x07 \x00 \u202e \rover"
        print(evil)
        sys.stdout.buffer.write(b"\xff\xfe\x1b[2J\n")
    assert _texts(said) == [evil, "\ufffd\ufffd\x1b[2J"]


def test_it_is_not_a_terminal_and_behaves_as_a_file() -> None:
    with heard() as said:
        assert not sys.stdout.isatty()
        assert sys.stdout.writable()
        assert sys.stdout.encoding == "utf-8"
        with pytest.raises(TypeError, match="must be str, not bytes"):
            sys.stdout.write(b"x")  # type: ignore[arg-type]
    assert said == []


def test_logging_is_heard_whatever_its_handlers_do_and_not_twice() -> None:
    with heard() as said:
        logger = logging.getLogger("shop.orders")
        logger.propagate = False  # pytest has a handler that raises
        logger.setLevel(logging.INFO)
        handler = logging.StreamHandler(sys.stderr)
        logger.addHandler(handler)
        try:
            logger.info("sold %d of %s", 3, "lamps")
            logger.debug("not heard")
            logger.warning("%d %d", 1)
            try:
                raise LookupError("no stock")
            except LookupError:
                logger.exception("failed")
        finally:
            logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)
            logger.propagate = True
    sold, odd, failed = [line for line in said if line[0] == "logging"]
    assert sold == ("logging", "sold 3 of lamps", "info", "shop.orders")
    assert odd[1].startswith("'%d %d' % (1,) (TypeError: ")
    assert odd[2] == "warning"
    assert failed[1].startswith("failed\n")
    assert failed[1].endswith("LookupError: no stock")
    assert _texts(said, "stderr") == [], "what a handler writes is what the record has told"


def test_a_handler_on_the_root_logger_can_still_be_configured() -> None:
    with heard() as said:
        root = logging.getLogger()
        before = list(root.handlers)
        own = io.StringIO()
        try:
            root.handlers.clear()
            logging.basicConfig(stream=own, format="%(message)s")
            logging.getLogger("a").error("boom")
        finally:
            root.handlers[:] = before
        assert own.getvalue() == "boom\n"
    assert [line[1] for line in said] == ["boom"]


def test_warnings_say_where() -> None:
    with heard() as said, warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning("old", DeprecationWarning, "graph.py", 7)
    assert said == [("warnings", "DeprecationWarning: old  (graph.py:7)", "warning", "")]


def test_threads_do_not_mix_their_lines() -> None:
    with heard() as said:

        def write(name: str) -> None:
            for n in range(300):
                print(f"{name * 50} {n}\n", end="")

        threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name in "abc":
            assert [text for text in _texts(said) if text.startswith(name)] == [f"{name * 50} {n}" for n in range(300)]
    assert len(said) == 900


def test_everything_is_as_it_was_behind_it() -> None:
    before = (sys.stdout, sys.stderr, logging.Logger.callHandlers, warnings.showwarning)
    with contextlib.suppress(KeyError), captured(lambda *_: None):
        assert sys.stdout is not before[0]
        raise KeyError
    assert (sys.stdout, sys.stderr, logging.Logger.callHandlers, warnings.showwarning) == before
