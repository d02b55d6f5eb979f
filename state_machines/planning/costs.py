"""Estimates the cost of a run and of a month of readiness, with 2026 list prices of us-east-1 in US dollars.

The figures are for comparison, not for a budget. Other Regions cost more. Costs that the documents don't determine
(disk sizes, instance types, traffic) are listed as not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leeward.base.import_paths import load
from leeward.kinds.registry import component_kinds
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.component_kinds.cost_items import CostItem, MonthCost

# Step Functions: $25 per million state transitions. Lambda: 256 MiB for one second, plus the request.
TRANSITION_PRICE, INVOCATION_PRICE = 25e-6, 0.25 * 16.6667e-6 + 0.2e-6
# KMS: per customer key and month.
KEY_MONTH_PRICE = 1.0
# EC2: one hour of a t3.small on demand, used when the launch template has no instance type.
SERVER_HOUR_PRICE = 0.0208


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """The costs of a run and of a month. `not_counted` lists costs that the documents don't determine."""

    run: tuple[CostItem, ...]
    month: tuple[CostItem, ...]
    not_counted: tuple[str, ...]


def estimate_costs(
    application: Application,
    *,
    transitions: int,
    calls: int,
    launched: int,
    hours: float,
    extra: Sequence[CostItem] = (),
) -> CostEstimate:
    """Estimate the costs of a run that launches `launched` servers and keeps them for `hours`, and the costs
    per month. `extra` is what steps of other kinds cost.
    """
    run = [
        CostItem(f"{transitions} state transitions", transitions * TRANSITION_PRICE),
        CostItem(f"{calls} Lambda invocations", calls * INVOCATION_PRICE),
    ]
    if launched:
        run.append(
            CostItem(
                f"{launched} launched servers for {hours:.1f} h, as t3.small", launched * hours * SERVER_HOUR_PRICE
            )
        )
    run += extra
    month = [CostItem("a key in each Region", 2 * KEY_MONTH_PRICE)]
    not_counted = ["logs, metrics, and the journal: a few cents", "data transfer between the Regions"]
    for cost in _component_costs(application):
        month += cost.items
        not_counted += cost.not_counted
    return CostEstimate(tuple(run), tuple(month), tuple(not_counted))


def _component_costs(application: Application) -> Iterator[MonthCost]:
    """Yield what the components of each kind cost, in the order in which the document has them."""
    components = list(application.components.values())
    for kind in dict.fromkeys(component.kind for component in components):
        path = component_kinds()[kind].month_cost
        if path is not None:
            yield load(path)([component for component in components if component.kind == kind])
