"""Lay out the path that a run took through its state machine. The template writes the layout as SVG.

fast-sugiyama computes a layered layout. A state machine has several states for each possible failure, and most lead to
the same few end states. In a complete drawing, the path is hard to see. So the drawing contains the entered states, and
the other states that are one transition away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fast_sugiyama import from_edges

from leeward.evidence.model import ExecutionGraph, StateNode
from leeward.report.drawing.svg_figures import truncate_middle

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 208, 26, 22, 26
_MAX_LABEL = 34
# A larger graph is shown only as a list.
_MAX_STATES = 400


@dataclass(frozen=True, slots=True)
class StateBox:
    """A state in the drawing. x and y are its center. `order` numbers the entered states."""

    x: float
    y: float
    text: str
    title: str
    kind: str
    taken: bool
    order: int | None


@dataclass(frozen=True, slots=True)
class EdgePath:
    """A line from one state to another, as an SVG path."""

    path: str
    taken: bool


@dataclass(frozen=True, slots=True)
class StateGraphDrawing:
    """The complete drawing. `left_out` is the number of states that it omits."""

    width: float
    height: float
    boxes: Sequence[StateBox]
    edges: Sequence[EdgePath]
    left_out: int


def draw_state_graph(graph: ExecutionGraph) -> StateGraphDrawing | None:
    """Return the drawing, or None if no state was entered or the graph is too large."""
    nodes = {node.name: node for node in graph.nodes}
    entered = {name for name, node in nodes.items() if node.order is not None}
    edges: list[tuple[str, str, bool]] = []
    shown: dict[str, StateNode] = {name: nodes[name] for name in entered}
    for edge in graph.edges:
        if edge.start not in entered:
            continue
        if edge.end in entered and edge.taken:
            edges.append((edge.start, edge.end, True))
        elif edge.end not in entered:
            side_node = f"{edge.end}\0{edge.start}"  # one copy per edge, as many edges lead to the same end state
            shown[side_node] = nodes[edge.end]
            edges.append((edge.start, side_node, False))
    if not edges or len(shown) > _MAX_STATES:
        return None
    layout = _lay_out([(start, end) for start, end, _ in edges], set(shown))
    left = min(x for x, _ in layout.values())
    top = max(y for _, y in layout.values())
    centers = {name: (x - left + _WIDTH / 2 + 4, top - y + _HEIGHT / 2 + 4) for name, (x, y) in layout.items()}
    boxes = [
        StateBox(*centers[name], _format_label(node), node.name, node.type, node.order is not None, node.order)
        for name, node in shown.items()
        if name in centers
    ]
    edge_paths = [
        EdgePath(_draw_edge(centers[start], centers[end]), taken)
        for start, end, taken in edges
        if start in centers and end in centers
    ]
    shown_names = {node.name for node in shown.values()}
    return StateGraphDrawing(
        width=max(x for x, _ in centers.values()) + _WIDTH / 2 + 4,
        height=max(y for _, y in centers.values()) + _HEIGHT / 2 + 4,
        boxes=boxes,
        edges=edge_paths,
        left_out=len(nodes) - len(shown_names),
    )


def _lay_out(edges: Sequence[tuple[str, str]], names: set[str]) -> dict[str, tuple[float, float]]:
    layouts = from_edges(edges, vertex_spacing=_WIDTH + _GAP_X, dummy_size=8, dummy_vertices=True)
    placed = layouts.align_layouts_horizontal().to_dict()
    rows = sorted({y for name, (_, y) in placed.items() if name in names}, reverse=True)
    y_by_row = {y: -float(number * (_HEIGHT + _GAP_Y)) for number, y in enumerate(rows)}
    return {str(name): (float(x), y_by_row[y]) for name, (x, y) in placed.items() if name in names}


def _format_label(node: StateNode) -> str:
    text = truncate_middle(node.name, _MAX_LABEL)
    return (
        f"{truncate_middle(node.name, _MAX_LABEL - 5)} \N{MULTIPLICATION SIGN}{node.branches}"
        if node.branches
        else text
    )


def _draw_edge(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = start, end
    if y2 > y1:  # downwards, from the bottom of the start box to the top of the end box
        y1, y2 = y1 + _HEIGHT / 2, y2 - _HEIGHT / 2
        middle = (y1 + y2) / 2
        return f"M{x1:.0f} {y1:.0f}C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}"
    side = max(x1, x2) + _WIDTH / 2 + 14  # upwards, around the right side
    x1, x2 = x1 + _WIDTH / 2, x2 + _WIDTH / 2
    return f"M{x1:.0f} {y1:.0f}C{side:.0f} {y1:.0f} {side:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
