"""Exports: what is imported again is the same thread, byte for byte; what is for readers is complete, safe, masked."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.sqlite import SqliteSaver

from inspector.core.events import Event, RunEnded, RunStarted, SpanEnded, SpanStarted, TaskEnded, TaskStarted, to_wire
from inspector.core.packing import pack
from inspector.core.saved import Mark
from inspector.errors import StoreError
from inspector.export import export_to
from inspector.export.portable import import_thread
from inspector.store.marks import Marks
from inspector.store.recording import open_recording, recording_path
from inspector.store.recording_writer import Chunker, RecordingWriter
from tests.store import programs
from tests.store.programs import CONFIG
from tests.store.test_threads import fill

SECRET = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"
HOSTILE = "<script>alert('&')</script>\u202egnp\x1b[31m\x00 \"quoted\""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "app.sqlite"
    fill(path, ("t", programs.forked), ("inner", programs.waiting_inside))
    return path


def hostile_chat(saver: Any) -> None:
    """A conversation whose texts mean harm, with a tool call and a secret."""

    def answer(state: Any) -> Any:
        call = {"name": "look<b>", "args": {"api_key": SECRET, "where": HOSTILE}, "id": "call-1"}
        return {
            "messages": [AIMessage(HOSTILE, tool_calls=[call], id="a"), ToolMessage(HOSTILE, tool_call_id="call-1")]
        }

    graph = programs.chain(("answer<i>", answer), state=programs.Chat).compile(checkpointer=saver)
    graph.invoke({"messages": [HumanMessage(f"my key is {SECRET}", id="h")]}, CONFIG)


def record(db: Path, thread: str) -> None:
    """A recording of a thread, of one run."""
    events: list[Event] = [
        RunStarted(0.0, "r", thread, "graph", 1_800_000_000.0, pack({"n": 1})),
        TaskStarted(0.1, (), "task", "work", 1),
        SpanStarted(0.2, "s", None, "tool", "look", "task", pack({"where": "up"})),
        SpanEnded(0.3, "s", "ok", pack("the sky")),
        TaskEnded(0.4, (), "task", "work", "ok", None, pack({"n": 2})),
        RunEnded(0.5, "done"),
    ]
    writer, chunker = RecordingWriter(recording_path(db)), Chunker(None)
    session = writer.begin(thread, "graph", False)
    writer.write(session, chunker.chunks([list(to_wire(event)) for event in events]), chunker.state)
    writer.end(session)
    writer.close()


def rows(db: Path, thread: str) -> dict[str, list[tuple[Any, ...]]]:
    connection = sqlite3.connect(db)
    found = {
        table: [
            row[1:]
            for row in connection.execute(f"SELECT * FROM {table} WHERE thread_id = ? ORDER BY 2, 3, 4, 6", (thread,))
        ]
        for table in ("checkpoints", "writes")
    }
    connection.close()
    return found


@pytest.mark.parametrize("thread", ["t", "inner"])
def test_what_is_imported_is_the_same_thread(thread: str, db: Path, tmp_path: Path) -> None:
    record(db, thread)
    Marks(db).set({thread: Mark("Alias", ("a", "b"))})
    file, elsewhere = tmp_path / "thread.json", tmp_path / "new" / "other.sqlite"
    size = export_to(file, db, thread, "json")
    assert size == file.stat().st_size
    assert json.loads(file.read_text())["version"] == 1
    assert import_thread(file, elsewhere) == thread
    assert import_thread(file, elsewhere, "another") == "another"
    assert rows(elsewhere, thread) == rows(db, thread)
    assert rows(elsewhere, "another") == rows(db, thread)
    assert Marks(elsewhere).load()[thread] == Mark("Alias", ("a", "b"))
    before, after = open_recording(db, thread), open_recording(elsewhere, "another")
    assert before is not None
    assert after is not None
    assert list(before.events()) == list(after.events())
    before.close()
    after.close()
    with pytest.raises(StoreError, match="already"):
        import_thread(file, elsewhere)


def test_an_imported_thread_goes_on(db: Path, tmp_path: Path) -> None:
    """LangGraph itself takes it for one of its own."""
    file, elsewhere = tmp_path / "thread.json", tmp_path / "other.sqlite"
    export_to(file, db, "t", "json")
    import_thread(file, elsewhere)
    config: Any = {"configurable": {"thread_id": "t"}}
    histories = []
    for path in (db, elsewhere):
        with SqliteSaver.from_conn_string(str(path)) as saver:
            graph = programs.chain(*((name, programs.say(name)) for name in "abc")).compile(checkpointer=saver)
            histories.append([(state.values, state.next) for state in graph.get_state_history(config)])
            graph.invoke({"words": ["more"]}, config)
            assert graph.get_state(config).values["words"][-1] == "c"
    assert histories[0] == histories[1]


BROKEN = ("", "{", "[]", '{"format": "inspector-thread", "version": 99}', '{"a": 1}',
    '{"format": "inspector-thread", "version": 1, "thread": "t", "checkpoints": []}',
    '{"format": "inspector-thread", "version": 1, "thread": "t", "checkpoints": [{"checkpoint": {"base64": "!"}}]}',
    '{"format": "inspector-thread", "version": 1, "thread": "t", "checkpoints": [{"checkpoint": [1]}]}',
    '{"format": "inspector-thread", "version": 1, "thread": "t", "checkpoints": [{"checkpoint_id": null}]}',
)  # fmt: skip


@pytest.mark.parametrize("content", BROKEN)
def test_what_is_no_export_is_refused_and_nothing_is_left_of_it(content: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(StoreError):
        import_thread(tmp_path / "x.json", tmp_path / "new.sqlite")
    if (tmp_path / "new.sqlite").exists():
        assert rows(tmp_path / "new.sqlite", "t") == {"checkpoints": [], "writes": []}


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("recorded", [True, False])
def test_a_page_is_complete_and_needs_nothing_else(recorded: bool, tmp_path: Path) -> None:
    db = tmp_path / "app.sqlite"
    fill(db, (HOSTILE.replace("\x00", ""), hostile_chat))
    thread = HOSTILE.replace("\x00", "")
    if recorded:
        record(db, thread)
    export_to(tmp_path / "page.html", db, thread, "html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = Page(text)
    tags = {tag for tag, _ in page.tags}
    assert tags.isdisjoint({"script", "img", "link", "iframe", "object", "form", "b<", "look"})
    named = {name for _, attributes in page.tags for name in attributes}
    assert named <= {"lang", "charset", "name", "content", "http-equiv", "class", "style"}
    assert not re.search(r"(?:https?:)?//|url\(|@import", text.replace("&#x27;", ""))
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", text)
    assert "<script>alert('&')</script>" in page.text, "it is shown as it is"
    assert SECRET not in text
    for section in ("Timeline", "Messages", "Tools", "States"):
        assert f"<h2>{section}</h2>" in text
    assert ("approximate" in page.text) is not recorded
    assert ("the sky" in page.text) is recorded
    export_to(tmp_path / "open.html", db, thread, "html", secrets=True)
    assert SECRET in (tmp_path / "open.html").read_text(encoding="utf-8")


def test_lines_tell_what_happened_and_every_state(db: Path, tmp_path: Path) -> None:
    export_to(tmp_path / "t.ndjson", db, "inner", "ndjson")
    lines = [json.loads(line) for line in (tmp_path / "t.ndjson").read_text().splitlines()]
    assert lines[0]["kind"] == "thread"
    assert lines[0]["status"] == "waiting"
    assert lines[0]["approximate"] is True
    states = [line for line in lines if line["kind"] == "state"]
    assert len(states) == lines[0]["checkpoints"]
    assert {tuple(line["ns"]) for line in states} == {
        tuple(line["ns"]) for line in lines if line["kind"] == "checkpoint"
    }
    assert states[1]["values"] == {"words": []}
    assert [line["value"] for line in lines if line["kind"] == "interrupt"] == [{"question": "Which word?"}]


def test_an_export_that_cannot_be_written_leaves_nothing(db: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        export_to(tmp_path / "nowhere" / "x.json", db, "t", "json")
    with pytest.raises(StoreError, match="no thread"):
        export_to(tmp_path / "x.json", db, "nobody", "json")
    assert not (tmp_path / "x.json").exists()


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "inspector", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_from_the_command_line(db: Path, tmp_path: Path) -> None:
    listed = command("threads", db.name, "--json", cwd=tmp_path)
    assert [json.loads(line)["thread"] for line in listed.stdout.splitlines()] == ["inner", "t"]
    assert json.loads(listed.stdout.splitlines()[0])["questions"][0]["value"] == {"question": "Which word?"}
    assert "Which word?" in command("threads", db.name, "--filter", "status:wait", cwd=tmp_path).stdout
    missing = command("threads", "mistyped.sqlite", cwd=tmp_path)
    assert (missing.returncode, missing.stderr) == (2, "inspector: There is no file mistyped.sqlite.\n")
    assert not (tmp_path / "mistyped.sqlite").exists()
    refused = command("delete", db.name, "inner", cwd=tmp_path)
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    out = command("export", db.name, "inner", cwd=tmp_path).stdout
    (tmp_path / "x.json").write_text(out)
    done = command("delete", db.name, "inner", "--yes", cwd=tmp_path)
    assert done.returncode == 0
    assert "'inner'" in done.stderr
    assert len(command("threads", db.name, "--json", cwd=tmp_path).stdout.splitlines()) == 1
    assert command("import", "x.json", "--db", db.name, cwd=tmp_path).returncode == 0
    assert len(command("threads", db.name, "--json", cwd=tmp_path).stdout.splitlines()) == 2
