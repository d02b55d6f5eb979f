"""Records of clusters, control panels, routing controls, and safety rules, and the state that endpoints share."""

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
    """A resource that is PENDING at first, and DEPLOYED from `deployed_at`."""

    arn: str
    name: str
    deployed_at: datetime

    def status(self, now: datetime) -> StatusType:
        """Return the status that the API shows."""
        return "DEPLOYED" if now >= self.deployed_at else "PENDING"


@dataclass(slots=True)
class Cluster(DeployableResource):
    """A cluster. `endpoints` maps five Regions to their endpoint URLs.

    An endpoint URL has the form `https://<id>.route53-recovery-cluster.<region>.amazonaws.com/v1`.
    """

    endpoints: dict[str, str] = field(default_factory=dict)
    network_type: NetworkTypeType = "IPV4"


@dataclass(slots=True)
class ControlPanel(DeployableResource):
    """A group of routing controls in one cluster."""

    cluster_arn: str = ""
    default: bool = False


@dataclass(slots=True)
class RoutingControl(DeployableResource):
    """A routing control. `since` is the start of its state. `changed_at` is its last change, or None."""

    panel_arn: str = ""
    state: OnOff = "Off"
    since: datetime | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SafetyRuleConfig:
    """The number of a rule's controls that must be On: at least `threshold` (ATLEAST), all (AND), or any (OR).

    `inverted` negates the condition.
    """

    kind: RuleTypeType
    threshold: int
    inverted: bool


@dataclass(slots=True)
class SafetyRule(DeployableResource):
    """A safety rule.

    `condition_controls` are the asserted controls of an assertion rule, or the gating controls of a gating rule. Only a
    gating rule has `targets`.
    """

    panel_arn: str = ""
    kind: Literal["ASSERTION", "GATING"] = "ASSERTION"
    condition_controls: Sequence[str] = ()
    targets: Sequence[str] = ()
    config: SafetyRuleConfig = SafetyRuleConfig("ATLEAST", 1, False)
    wait_period_ms: int = 5000

    @property
    def guarded_controls(self) -> Sequence[str]:
        """Return the controls whose changes this rule can forbid."""
        return self.condition_controls if self.kind == "ASSERTION" else self.targets


@dataclass(slots=True)
class RoutingState:
    """The state of one account. `on_change` callbacks receive (control ARN, "On" or "Off", time of the change)."""

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
