"""Creates clusters, control panels, routing controls, and safety rules, with ARNs in the format of ARC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Literal

from leeward.twin.aws.routing_control.state.routing_resources import (
    Cluster,
    ControlPanel,
    RoutingControl,
    RoutingState,
    SafetyRule,
    SafetyRuleConfig,
)

_REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2")
# A cluster takes about a minute to deploy. Its resources take a few seconds.
_CLUSTER_SECONDS, _OTHER_SECONDS = 60, 5


def make_cluster(state: RoutingState, account_id: str, name: str) -> Cluster:
    """Create a cluster with an endpoint in each of ARC's five Regions."""
    key = _new_key(state)
    arn = f"arn:aws:route53-recovery-control::{account_id}:cluster/{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:28]}"
    endpoints = {
        region: f"https://{_new_key(state)[:8]}.route53-recovery-cluster.{region}.amazonaws.com/v1"
        for region in _REGIONS
    }
    cluster = Cluster(arn, name, state.now() + timedelta(seconds=_CLUSTER_SECONDS), endpoints)
    state.clusters[arn] = cluster
    return cluster


def make_panel(
    state: RoutingState, account_id: str, name: str, cluster_arn: str, *, default: bool = False
) -> ControlPanel:
    """Create a control panel in the cluster."""
    arn = f"arn:aws:route53-recovery-control::{account_id}:controlpanel/{_new_key(state)[:32]}"
    panel = ControlPanel(arn, name, state.now() + timedelta(seconds=_OTHER_SECONDS), cluster_arn, default)
    state.panels[arn] = panel
    return panel


def make_control(state: RoutingState, name: str, panel_arn: str) -> RoutingControl:
    """Create a routing control with the state Off."""
    arn = f"{panel_arn}/routingcontrol/{_new_key(state)[:16]}"
    now = state.now()
    control = RoutingControl(arn, name, now + timedelta(seconds=_OTHER_SECONDS), panel_arn, "Off", now)
    state.controls[arn] = control
    return control


def make_rule(
    state: RoutingState,
    name: str,
    panel_arn: str,
    kind: Literal["ASSERTION", "GATING"],
    *,
    condition_controls: Sequence[str],
    config: SafetyRuleConfig,
    targets: Sequence[str] = (),
    wait_period_ms: int = 5000,
) -> SafetyRule:
    """Create a safety rule in the control panel. It takes effect immediately, even while it is PENDING."""
    arn = f"{panel_arn}/safetyrule/{_new_key(state)[:16]}"
    deployed_at = state.now() + timedelta(seconds=_OTHER_SECONDS)
    rule = SafetyRule(
        arn, name, deployed_at, panel_arn, kind, tuple(condition_controls), tuple(targets), config, wait_period_ms
    )
    state.rules[arn] = rule
    return rule


def _new_key(state: RoutingState) -> str:
    state.key_count += 1
    return sha256(f"routing-control|{state.key_count}".encode()).hexdigest()
