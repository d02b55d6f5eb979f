"""What a run costs, and a month of being ready for it: list prices of us-east-1 in US dollars, as published in 2026.

For comparison and for a sense of size, not for a budget: other Regions cost more, and what the documents do not say
(disk sizes, instance types, traffic) is named as not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components import RoutingControlsComponent, ServerGroupComponent

HOURS_PER_MONTH = 730
# Step Functions: $25 a million state transitions. Lambda: 256 MiB for a second, and the request.
TRANSITION_PRICE, INVOCATION_PRICE = 25e-6, 0.25 * 16.6667e-6 + 0.2e-6
# DRS: per replicating source server and hour. ARC: per cluster and hour. KMS: a customer key a month.
DRS_SERVER_HOUR_PRICE, ARC_CLUSTER_HOUR_PRICE, KEY_MONTH_PRICE = 0.028, 2.5, 1.0
# EC2, t3.small on demand: what a launched server costs an hour if its launch template says no more.
SERVER_HOUR_PRICE = 0.0208


@dataclass(frozen=True, slots=True)
class CostItem:
    """One line: dollars, and what they are for."""

    what: str
    dollars: float


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """`not_counted` says what the documents do not tell."""

    run: tuple[CostItem, ...]
    month: tuple[CostItem, ...]
    not_counted: tuple[str, ...]

    @property
    def run_total(self) -> float:
        return sum(item.dollars for item in self.run)

    @property
    def month_total(self) -> float:
        return sum(item.dollars for item in self.month)


def estimate_costs(application: Application, transitions: int, calls: int, launched: int, hours: float) -> CostEstimate:
    """`launched` servers, kept for `hours`."""
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
    unknown = ["logs, metrics and the journal: cents", "data transfer between the Regions"]
    if servers:
        month.append(
            CostItem(f"{servers} servers replicated by DRS", servers * DRS_SERVER_HOUR_PRICE * HOURS_PER_MONTH)
        )
        unknown.append("DRS's staging disks, snapshots and replication servers: about what the disks cost, twice")
    if clusters:
        month.append(
            CostItem(
                "the ARC cluster (one serves many applications)", clusters * ARC_CLUSTER_HOUR_PRICE * HOURS_PER_MONTH
            )
        )
    return CostEstimate(tuple(run), tuple(month), tuple(unknown))
