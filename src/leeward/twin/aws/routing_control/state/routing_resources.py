"""Clusters, control panels, routing controls and safety rules, and the state that a cluster's endpoints share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from leeward.twin.aws.service_framework.backend_hooks import BackendHooks

if TYPE_CHECKING:
    from mypy_boto3_route53_recovery_control_config.literals import NetworkTypeType, RuleTypeType, StatusType

OnOff = Literal["On", "Off"]


@dataclass(slots=True)
class DeployableResource:
    """What is created PENDING and DEPLOYED from a moment on."""

    arn: str
    name: str
    deployed_at: datetime

    def status(self, now: datetime) -> StatusType:
        """As the API shows it."""
        return "DEPLOYED" if now >= self.deployed_at else "PENDING"


@dataclass(slots=True)
class Cluster(DeployableResource):
    """Five Regional endpoints: `{region: url}`, each `https://<id>.route53-recovery-cluster.<region>.amazonaws.com/v1`."""

    endpoints: dict[str, str] = field(default_factory=dict)
    network_type: NetworkTypeType = "IPV4"


@dataclass(slots=True)
class ControlPanel(DeployableResource):
    """A group of routing controls of one cluster."""

    cluster_arn: str = ""
    default: bool = False


@dataclass(slots=True)
class RoutingControl(DeployableResource):
    """A switch. `since` is when it took its state, `changed_at` when it was last changed, None if never."""

    panel_arn: str = ""
    state: OnOff = "Off"
    since: datetime | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SafetyRuleConfig:
    """How many of a rule's controls have to be On: ATLEAST `threshold`, AND = all, OR = any; `inverted` negates it."""

    kind: RuleTypeType
    threshold: int
    inverted: bool


@dataclass(slots=True)
class SafetyRule(DeployableResource):
    """`judged` are an assertion rule's asserted controls, or a gating rule's gating controls; `targets` only gating."""

    panel_arn: str = ""
    kind: Literal["ASSERTION", "GATING"] = "ASSERTION"
    condition_controls: Sequence[str] = ()
    targets: Sequence[str] = ()
    config: SafetyRuleConfig = SafetyRuleConfig("ATLEAST", 1, False)
    wait_period_ms: int = 5000

    @property
    def guarded_controls(self) -> Sequence[str]:
        """The controls whose changes this rule can forbid."""
        return self.condition_controls if self.kind == "ASSERTION" else self.targets


@dataclass(slots=True)
class RoutingState:
    """Everything of one account. `on_change` is called with (control ARN, "On" | "Off", since when)."""

    hooks: BackendHooks | None = None
    clusters: dict[str, Cluster] = field(default_factory=dict)
    panels: dict[str, ControlPanel] = field(default_factory=dict)
    controls: dict[str, RoutingControl] = field(default_factory=dict)
    rules: dict[str, SafetyRule] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    unavailable_hosts: set[str] = field(default_factory=set)
    on_change: list[Callable[[str, OnOff, datetime], None]] = field(default_factory=list)
    recent_changes: dict[str, list[datetime]] = field(default_factory=dict)
    key_count: int = 0

    def now(self) -> datetime:
        """Return the virtual time. Raises RuntimeError when the account has no RoutingControlSimulator."""
        if self.hooks is None:
            raise RuntimeError("routing control has no clock: create RoutingControlSimulator(hooks, account_id) first")
        return self.hooks.now()
