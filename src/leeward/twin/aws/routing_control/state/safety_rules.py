"""Evaluates safety rules for a change of routing control states."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from leeward.twin.aws.routing_control.state.routing_resources import OnOff, RoutingControl, SafetyRule, SafetyRuleConfig


@dataclass(frozen=True, slots=True)
class ForbiddenChange:
    """The safety rule that forbids a change, and the reason."""

    rule_arn: str
    rule_name: str
    reason: str


def condition_holds(config: SafetyRuleConfig, states: Collection[OnOff]) -> bool:
    """Return whether these states meet the rule's condition."""
    on = sum(state == "On" for state in states)
    match config.kind:
        case "ATLEAST":
            needed = config.threshold
        case "AND":
            needed = len(states)
        case "OR":
            needed = 1
        case _:
            assert_never(config.kind)
    return (on >= needed) is not config.inverted


def find_forbidding_rule(
    rules: Iterable[SafetyRule],
    controls: Mapping[str, RoutingControl],
    wanted: Mapping[str, OnOff],
    overridden_rules: Collection[str],
    now: datetime,
) -> ForbiddenChange | None:
    """Return the first rule that forbids the transaction, or None if it is allowed.

    `wanted` maps control ARNs to their requested states.
    A transaction that changes no state is always allowed, so a caller can retry it after a lost response.
    An assertion rule checks the states after the change. A gating rule checks its gating controls before
    the change.
    """
    changed = {arn for arn, state in wanted.items() if controls[arn].state != state}
    after = {arn: wanted.get(arn, control.state) for arn, control in controls.items()}
    before = {arn: control.state for arn, control in controls.items()}
    for rule in rules:
        if rule.arn in overridden_rules or changed.isdisjoint(rule.guarded_controls):
            continue
        wait_until = _wait_period_end(rule, controls)
        if wait_until and now < wait_until:
            return ForbiddenChange(rule.arn, rule.name, f"the wait period of {rule.wait_period_ms} ms has not passed")
        states = after if rule.kind == "ASSERTION" else before
        if not condition_holds(rule.config, [states[arn] for arn in rule.condition_controls]):
            condition = f"{rule.config.kind} {rule.config.threshold}{' inverted' if rule.config.inverted else ''}"
            when = "would not hold after" if rule.kind == "ASSERTION" else "of its gating controls does not hold before"
            return ForbiddenChange(rule.arn, rule.name, f"{condition} {when} the change")
    return None


def _wait_period_end(rule: SafetyRule, controls: Mapping[str, RoutingControl]) -> datetime | None:
    changes = [changed for arn in rule.guarded_controls if (changed := controls[arn].changed_at)]
    return max(changes) + timedelta(milliseconds=rule.wait_period_ms) if changes else None
