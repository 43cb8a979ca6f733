"""As which node an edit of the state may be written, and which one that is where nobody says."""

from __future__ import annotations

from typing import Any

from inspector.core.travel import Writers


def writers_at(graph: Any, saved: Any, before: Any) -> Writers:
    """For a checkpoint (`saved`, as the checkpointer has it), given the snapshot of its parent or None.

    The rule is LangGraph's: the one node that saw the newest of the channels. Except after a superstep that tasks were
    sent to (`Send`), for those note nothing of what they saw, and LangGraph would name the node that sent them.
    """
    nodes = [name for name in graph.nodes if not name.startswith("__")]
    names = (*nodes, "__start__") if "__start__" in graph.nodes else tuple(nodes)
    seen = saved.checkpoint["versions_seen"]
    last = _sent(saved, before)
    preset: str | None = None
    if last:
        preset = last[0] if len(last) == 1 else None
    else:
        preset = graph._infer_as_node(seen) if hasattr(graph, "_infer_as_node") else None
        last = _newest(seen, graph.nodes)
    if preset is not None:
        return Writers(names, preset)
    if last:
        why = f"{' and '.join(last)} ran in the same superstep before this checkpoint"
    else:
        why = "no node has run before this checkpoint"
    return Writers(names, "", f"{why}; choose the node that the edit is written as.")


def _sent(saved: Any, before: Any) -> list[str]:
    """The nodes of the superstep that ended in the checkpoint, if any of its tasks were sent."""
    if before is None or saved.metadata.get("source") != "loop":
        return []
    sent = any(task.path and task.path[0] == "__pregel_push" for task in before.tasks)
    return sorted({task.name for task in before.tasks}) if sent else []


def _newest(versions_seen: Any, nodes: Any) -> list[str]:
    """The nodes that saw the newest version of any channel."""
    seen = [(max(versions.values()), name) for name, versions in versions_seen.items() if name in nodes and versions]
    newest = max((version for version, _ in seen), default=None)
    return sorted(name for version, name in seen if version == newest)
