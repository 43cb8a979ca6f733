"""A graph whose module takes long to import: everything that LangChain's core and LangGraph have.

The first paint must not wait for it.
"""

from __future__ import annotations

import importlib
import pkgutil
import warnings

import langchain_core
import langgraph
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # some of the modules are deprecated
    for package in (langchain_core, langgraph):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.", onerror=lambda name: None):
            try:
                importlib.import_module(module.name)
            except Exception:  # modules for optional dependencies
                continue


class State(TypedDict, total=False):
    text: str


async def nothing(state: State) -> State:
    """Nothing."""
    return {}


graph = StateGraph(State).add_node(nothing).add_edge(START, "nothing").add_edge("nothing", END).compile()
