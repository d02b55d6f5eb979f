"""Lookups that all control plane operations use."""

from __future__ import annotations

from typing import TypeVar

from leeward.twin.aws.routing_control.state import routing_control_errors
from leeward.twin.aws.routing_control.state.routing_resources import (
    Cluster,
    ControlPanel,
    RoutingControl,
    RoutingState,
    SafetyRule,
)
from leeward.twin.aws.service_framework.service_plugin import GLOBAL, ServiceBackend

T = TypeVar("T")


class ConfigState(ServiceBackend):
    """The routing control state of an account, which all Regions share."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.own_state = RoutingState()

    @property
    def state(self) -> RoutingState:
        """Return the account's state."""
        return self.peer(GLOBAL).own_state

    def get_cluster(self, arn: str) -> Cluster:
        """Return the cluster. Raises ResourceNotFoundException when it doesn't exist."""
        return _require_found(self.state.clusters.get(arn), arn)

    def get_deployed_cluster(self, arn: str) -> Cluster:
        """Return the cluster. Raises ResourceNotFoundException, or ConflictException while it is PENDING."""
        cluster = self.get_cluster(arn)
        if cluster.status(self.state.now()) != "DEPLOYED":
            raise routing_control_errors.ArcConflictException(f"Cluster {cluster.name} is not deployed yet")
        return cluster

    def get_panel(self, arn: str) -> ControlPanel:
        """Return the control panel. Raises ResourceNotFoundException when it doesn't exist."""
        return _require_found(self.state.panels.get(arn), arn)

    def get_control(self, arn: str) -> RoutingControl:
        """Return the routing control. Raises ResourceNotFoundException when it doesn't exist."""
        return _require_found(self.state.controls.get(arn), arn)

    def get_rule(self, arn: str) -> SafetyRule:
        """Return the safety rule. Raises ResourceNotFoundException when it doesn't exist."""
        return _require_found(self.state.rules.get(arn), arn)


def _require_found(record: T | None, arn: str) -> T:
    if record is None:
        raise routing_control_errors.ArcResourceNotFoundException(f"{arn} was not found")
    return record
