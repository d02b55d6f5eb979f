"""Fits how a count grows with the number of servers and of groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.performance.configurations import Configuration

# A plane has three coefficients, so fewer points fit it exactly and show nothing.
_FEWEST_POINTS = 4


@dataclass(frozen=True, slots=True)
class Growth:
    """The plane that fits best: `base + per_server * servers + per_group * groups`. `worst` is its largest error."""

    base: float
    per_server: float
    per_group: float
    worst: float

    def describe(self, what: str) -> str:
        """Return a sentence about `what`, such as `Calls`."""
        return (
            f"{what} grow by {self.per_server:,.1f} per server and {self.per_group:,.1f} per group, "
            f"from {self.base:,.0f}. The fit is off by {self.worst:,.0f} at most."
        )


def fit_growth(points: Sequence[tuple[Configuration, float]]) -> Growth | None:
    """Return the least-squares fit, or None if there are too few points to tell servers and groups apart."""
    rows = [(1.0, float(at.servers), float(at.groups)) for at, _ in points]
    normal = [[sum(row[i] * row[j] for row in rows) for j in range(3)] for i in range(3)]
    right = [sum(row[i] * value for row, (_, value) in zip(rows, points, strict=True)) for i in range(3)]
    determinant = _determinant(normal)
    if len(points) < _FEWEST_POINTS or abs(determinant) < 1:  # whole numbers: it is 0 if they all lie on a line
        return None
    base, per_server, per_group = (
        _determinant([[right[i] if j == column else normal[i][j] for j in range(3)] for i in range(3)]) / determinant
        for column in range(3)
    )
    errors = [abs(base + per_server * at.servers + per_group * at.groups - value) for at, value in points]
    return Growth(base, per_server, per_group, max(errors))


def _determinant(matrix: Sequence[Sequence[float]]) -> float:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
