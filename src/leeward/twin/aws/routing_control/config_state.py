"""The look-ups that every operation of the control plane needs."""

from __future__ import annotations

from typing import TypeVar

from leeward.twin.aws.plugin import GLOBAL, Backend
from leeward.twin.aws.routing_control import errors
from leeward.twin.aws.routing_control.model import Cluster, ControlPanel, RoutingControl, RoutingState, SafetyRule

T = TypeVar("T")


class ConfigState(Backend):
    """One account's state is kept once, whichever Region asks."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.own_state = RoutingState()

    @property
    def state(self) -> RoutingState:
        """The account's."""
        return self.peer(GLOBAL).own_state

    def cluster(self, arn: str) -> Cluster:
        """Raises ResourceNotFoundException."""
        return _found(self.state.clusters.get(arn), arn)

    def deployed_cluster(self, arn: str) -> Cluster:
        """Raises ResourceNotFoundException, and ConflictException while it is PENDING."""
        cluster = self.cluster(arn)
        if cluster.status(self.state.now()) != "DEPLOYED":
            raise errors.ConflictException(f"Cluster {cluster.name} is not deployed yet")
        return cluster

    def panel(self, arn: str) -> ControlPanel:
        """Raises ResourceNotFoundException."""
        return _found(self.state.panels.get(arn), arn)

    def control(self, arn: str) -> RoutingControl:
        """Raises ResourceNotFoundException."""
        return _found(self.state.controls.get(arn), arn)

    def rule(self, arn: str) -> SafetyRule:
        """Raises ResourceNotFoundException."""
        return _found(self.state.rules.get(arn), arn)


def _found(record: T | None, arn: str) -> T:
    if record is None:
        raise errors.ResourceNotFoundException(f"{arn} was not found")
    return record
