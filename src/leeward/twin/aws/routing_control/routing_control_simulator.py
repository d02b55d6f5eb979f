"""Controls the simulated routing controls outside their API: adds clusters, endpoint outages, and callbacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from leeward.twin.aws.moto_fixes.route53.route53_health_checks import routing_control_of
from leeward.twin.aws.routing_control.cluster_data_plane import ROUTING_CLUSTERS
from leeward.twin.aws.routing_control.control_plane.config_backend import ROUTING_CONFIG, parse_endpoint_host
from leeward.twin.aws.routing_control.state.routing_resource_factory import make_rule
from leeward.twin.aws.routing_control.state.routing_resources import (
    Cluster,
    ControlPanel,
    OnOff,
    RoutingControl,
    SafetyRule,
    SafetyRuleConfig,
)
from leeward.twin.aws.service_framework.backend_hooks import BackendHooks
from leeward.twin.aws.service_framework.service_plugin import GLOBAL

if TYPE_CHECKING:
    from mypy_boto3_route53_recovery_control_config.literals import RuleTypeType


class RoutingControlSimulator:
    """The routing controls of one account. Create it inside `mock_aws`, once per simulation. moto's reset clears it."""

    def __init__(self, hooks: BackendHooks, account_id: str = "123456789012") -> None:
        self._account_id = account_id
        self._state = ROUTING_CONFIG.region(account_id, GLOBAL).own_state
        self._state.hooks = hooks
        # Creates the backend, so that moto's reset includes it.
        ROUTING_CLUSTERS.region(account_id, GLOBAL)

    def seed_cluster(
        self, name: str, endpoints: Mapping[str, str], controls: Mapping[str, OnOff], *, names: Mapping[str, str]
    ) -> str:
        """Add a deployed cluster, and return its ARN.

        `endpoints` maps Regions to URLs. `controls` maps control ARNs to states, and `names` maps them to names.
        The control panels are derived from the control ARNs (`...:controlpanel/<id>/routingcontrol/<id>`).
        Raises ValueError when an ARN has another format.
        """
        now = self._state.now()
        arn = f"arn:aws:route53-recovery-control::{self._account_id}:cluster/{name}"
        self._state.clusters[arn] = Cluster(arn, name, now, dict(endpoints))
        for control_arn, state in controls.items():
            panel_arn, kind, _ = control_arn.rpartition("/routingcontrol/")
            if not kind or ":controlpanel/" not in panel_arn:
                raise ValueError(f"{control_arn!r} is not the ARN of a routing control")
            panel = ControlPanel(panel_arn, f"{name}-{panel_arn[-4:]}", now, arn)
            self._state.panels.setdefault(panel_arn, panel)
            control = RoutingControl(control_arn, names.get(control_arn, control_arn[-16:]), now, panel_arn, state, now)
            self._state.controls[control_arn] = control
        return arn

    def add_assertion_rule(
        self, name: str, controls: Sequence[str], kind: RuleTypeType = "ATLEAST", threshold: int = 1
    ) -> SafetyRule:
        """Add a rule: `controls` must meet `kind` and `threshold` after each change."""
        config = SafetyRuleConfig(kind, threshold, inverted=False)
        return make_rule(
            self._state, name, self._panel_of(controls), "ASSERTION", condition_controls=controls, config=config
        )

    def add_gating_rule(
        self, name: str, gates: Sequence[str], targets: Sequence[str], kind: RuleTypeType = "OR", threshold: int = 1
    ) -> SafetyRule:
        """Add a rule: `targets` can change only while `gates` meet `kind` and `threshold`."""
        config = SafetyRuleConfig(kind, threshold, inverted=False)
        panel_arn = self._panel_of(gates)
        return make_rule(
            self._state, name, panel_arn, "GATING", condition_controls=gates, config=config, targets=targets
        )

    def disable_endpoint(self, url: str) -> None:
        """Make the endpoint with this URL return EndpointTemporarilyUnavailableException."""
        self._state.unavailable_hosts.add(parse_endpoint_host(url))

    def enable_endpoint(self, url: str) -> None:
        """Make the endpoint available after `disable_endpoint`."""
        self._state.unavailable_hosts.discard(parse_endpoint_host(url))

    def on_change(self, callback: Callable[[str, OnOff, datetime], None]) -> None:
        """Call `callback` with (control ARN, "On" or "Off", time of the change) after each state change."""
        self._state.on_change.append(callback)

    def control_state(self, control_arn: str) -> tuple[OnOff, datetime]:
        """Return the control's state and the time that it started. Raises KeyError when the control doesn't exist."""
        control = self._state.controls[control_arn]
        return control.state, control.since or control.deployed_at

    def health_check_status(self, health_check_id: str) -> tuple[bool, datetime] | None:
        """Return whether the health check of a routing control is healthy, and since when.

        Returns None for a health check of another type. Raises KeyError when the health check or its routing control
        doesn't exist.
        """
        routing_control = routing_control_of(self._account_id, health_check_id)
        if routing_control is None:
            return None
        arn, inverted = routing_control
        state, since = self.control_state(arn)
        return (state == "On") is not inverted, since

    def _panel_of(self, controls: Sequence[str]) -> str:
        return self._state.controls[controls[0]].panel_arn
