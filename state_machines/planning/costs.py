"""Estimates the cost of a run and of a month of readiness, with 2026 list prices of us-east-1 in US dollars.

The figures are for comparison, not for a budget. Other Regions cost more. Costs that the documents don't determine
(disk sizes, instance types, traffic) are listed as not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components import RoutingControlsComponent, ServerGroupComponent

HOURS_PER_MONTH = 730
# Step Functions: $25 per million state transitions. Lambda: 256 MiB for one second, plus the request.
TRANSITION_PRICE, INVOCATION_PRICE = 25e-6, 0.25 * 16.6667e-6 + 0.2e-6
# DRS: per replicating source server and hour. ARC: per cluster and hour. KMS: per customer key and month.
DRS_SERVER_HOUR_PRICE, ARC_CLUSTER_HOUR_PRICE, KEY_MONTH_PRICE = 0.028, 2.5, 1.0
# EC2: one hour of a t3.small on demand, used when the launch template has no instance type.
SERVER_HOUR_PRICE = 0.0208


@dataclass(frozen=True, slots=True)
class CostItem:
    """One cost in US dollars, and what it is for."""

    what: str
    dollars: float


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """The costs of a run and of a month. `not_counted` lists costs that the documents don't determine."""

    run: tuple[CostItem, ...]
    month: tuple[CostItem, ...]
    not_counted: tuple[str, ...]


def estimate_costs(application: Application, transitions: int, calls: int, launched: int, hours: float) -> CostEstimate:
    """Estimate the costs of a run that launches `launched` servers and keeps them for `hours`, and the costs
    per month.
    """
    servers = sum(component.expect or 1 for _, component in application.components_of_kind(ServerGroupComponent))
    clusters = len(list(application.components_of_kind(RoutingControlsComponent)))
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
    month = [CostItem("a key in each Region", 2 * KEY_MONTH_PRICE)]
    not_counted = ["logs, metrics, and the journal: a few cents", "data transfer between the Regions"]
    if servers:
        month.append(
            CostItem(f"{servers} servers replicated by DRS", servers * DRS_SERVER_HOUR_PRICE * HOURS_PER_MONTH)
        )
        not_counted.append("DRS staging disks, snapshots, and replication servers: about twice the cost of the disks")
    if clusters:
        month.append(
            CostItem(
                "the ARC cluster (one serves many applications)", clusters * ARC_CLUSTER_HOUR_PRICE * HOURS_PER_MONTH
            )
        )
    return CostEstimate(tuple(run), tuple(month), tuple(not_counted))
