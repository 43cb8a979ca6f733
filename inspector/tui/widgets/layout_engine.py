"""netext as the engine that orders the layers of a drawn graph. Imported when a graph is first drawn, in a thread."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from inspector.core.arrangement import barycentres


def netext_engine(edges: Sequence[tuple[str, str]], sizes: Mapping[str, int]) -> Mapping[str, float]:
    """A `core.arrangement.Engine`: netext's layered (Sugiyama) layout, or barycentres where it has none."""
    if not edges:
        return barycentres(edges, sizes)
    hook = sys.excepthook
    try:
        from netext._core import CoreGraph, LayoutDirection, Size, SugiyamaLayout
    finally:
        sys.excepthook = hook  # netext installs rich's on import
    graph = CoreGraph.from_edges(list(edges))
    for id_, size in sizes.items():
        if graph.contains_node(id_):
            graph.update_node_size(id_, Size(size, 1))
        else:
            graph.add_node(id_, {}, Size(size, 1))
    return {str(id_): point.x for id_, point in SugiyamaLayout(LayoutDirection.TOP_DOWN).layout(graph)}
