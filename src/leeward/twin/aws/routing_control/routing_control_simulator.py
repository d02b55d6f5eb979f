"""The simulated routing controls from outside their API: seeded clusters, endpoint outages, and callbacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from leeward.twin.aws.moto_fixes.route53_health_checks import install, routing_control_of
from leeward.twin.aws.routing_control.cluster_data_plane import ROUTING_CLUSTERS
from leeward.twin.aws.routing_control.control_plane.config_backend import ROUTING_CONFIG, parse_endpoint_host
from leeward.twin.aws.routing_control.state.resource_factory import make_rule
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
    """The routing controls of one account. Make it inside `mock_aws`, once per world; moto's reset forgets it all."""

    def __init__(self, hooks: BackendHooks, account_id: str = "123456789012") -> None:
        self._account_id = account_id
        self._state = ROUTING_CONFIG.region(account_id, GLOBAL).own_state
        self._state.hooks = hooks
        install()
        # Touched so that moto's reset knows of it.
        ROUTING_CLUSTERS.region(account_id, GLOBAL)

    def seed_cluster(
        self, name: str, endpoints: Mapping[str, str], controls: Mapping[str, OnOff], *, names: Mapping[str, str]
    ) -> str:
        """A cluster that exists already: `endpoints` {region: url}, `controls` {ARN: state}, `names` {ARN: name}.

        The control panels follow from the controls' ARNs (`...:controlpanel/<id>/routingcontrol/<id>`). Answers the
        cluster's ARN. Raises ValueError for an ARN of another form.
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
        """`kind` and `threshold` must hold of the controls after every change."""
        config = SafetyRuleConfig(kind, threshold, inverted=False)
        return make_rule(
            self._state, name, self._panel_of(controls), "ASSERTION", condition_controls=controls, config=config
        )

    def add_gating_rule(
        self, name: str, gates: Sequence[str], targets: Sequence[str], kind: RuleTypeType = "OR", threshold: int = 1
    ) -> SafetyRule:
        """`targets` may only change while `kind` and `threshold` hold of the gates."""
        config = SafetyRuleConfig(kind, threshold, inverted=False)
        panel_arn = self._panel_of(gates)
        return make_rule(
            self._state, name, panel_arn, "GATING", condition_controls=gates, config=config, targets=targets
        )

    def disable_endpoint(self, url: str) -> None:
        """The endpoint (a URL as in the cluster) answers EndpointTemporarilyUnavailableException from now on."""
        self._state.unavailable_hosts.add(parse_endpoint_host(url))

    def enable_endpoint(self, url: str) -> None:
        """Ends `endpoint_down`."""
        self._state.unavailable_hosts.discard(parse_endpoint_host(url))

    def on_change(self, callback: Callable[[str, OnOff, datetime], None]) -> None:
        """Called with (control ARN, "On" | "Off", since when) after each accepted change of a state."""
        self._state.on_change.append(callback)

    def control_state(self, control_arn: str) -> tuple[OnOff, datetime]:
        """The control's state and since when. Raises KeyError for a control that does not exist."""
        control = self._state.controls[control_arn]
        return control.state, control.since or control.deployed_at

    def health_check_status(self, health_check_id: str) -> tuple[bool, datetime] | None:
        """Whether a health check that stands for a routing control is healthy, and since when.

        None for a check of another type. Raises KeyError for a health check or control that does not exist.
        """
        found = routing_control_of(self._account_id, health_check_id)
        if found is None:
            return None
        arn, inverted = found
        state, since = self.control_state(arn)
        return (state == "On") is not inverted, since

    def _panel_of(self, controls: Sequence[str]) -> str:
        return self._state.controls[controls[0]].panel_arn
