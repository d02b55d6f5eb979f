"""ARC routing controls: switched in one transaction, then read back."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import Field

from leeward.common.aws.clients import error_code, translate_errors
from leeward.common.aws.responses import AwsResponse, parse_response
from leeward.common.errors import AnswerLost, InvalidInput, RouteUnconfirmed, SafetyRuleBlocked
from leeward.traffic.routing.cluster_endpoints import ClusterEndpoint, Deadline, call_any_endpoint

if TYPE_CHECKING:
    from mypy_boto3_route53_recovery_cluster import Route53RecoveryClusterClient

# One transaction takes at most 10 controls (botocore's service model and the ARC quotas).
_MAX_CONTROLS = 10
# A change is confirmed by reading; another endpoint may show it a moment later.
_READS = 3
_READ_PAUSE_SECONDS = 2.0
# Answers that never come use up the patience, and then some; there is still time for one look within the task's 60 s.
_READ_AFTER_LOSS_SECONDS = 50.0
_UNKNOWN_ENDPOINT = "an unknown endpoint (nobody confirmed taking it)"


class ControlState(StrEnum):
    """A routing control's state."""

    ON = "On"
    OFF = "Off"


class _ControlStateResponse(AwsResponse):
    state: ControlState = Field(alias="RoutingControlState")


def switch_controls(
    endpoints: Sequence[ClusterEndpoint],
    turn_on: Sequence[str],
    turn_off: Sequence[str],
    overridden_rules: Sequence[str] = (),
) -> tuple[str, str]:
    """Turn the controls `on` and `off` (ARNs) in one transaction, and read every one back.

    Idempotent: it names states, not changes, so that it may be sent again after a lost answer, to any endpoint.
    Returns the Regions of the endpoints that took the change and that confirmed it; where answers were lost and yet the
    states are as wanted, it says that nobody confirmed taking it. Raises SafetyRuleBlocked when a safety rule refused
    it (nothing changed), RouteUnconfirmed when no endpoint took it or none confirms it; AccessDenied, NotFound at once.
    """
    wanted = dict.fromkeys(turn_on, ControlState.ON) | dict.fromkeys(turn_off, ControlState.OFF)
    if not wanted or len(wanted) > _MAX_CONTROLS or set(turn_on) & set(turn_off):
        raise InvalidInput(f"one transaction switches 1 to {_MAX_CONTROLS} controls, each on or off; got {wanted}")
    deadline = Deadline()
    taker, confirmed_by = _send_update(endpoints, wanted, overridden_rules, deadline)
    if confirmed_by is not None:
        return taker, confirmed_by
    seen: Mapping[str, ControlState] = {}
    for number in range(_READS):
        if number:
            time.sleep(_READ_PAUSE_SECONDS)
        try:
            reader, seen = call_any_endpoint(endpoints, lambda arc: read_states(arc, list(wanted)), deadline, rounds=1)
        except RouteUnconfirmed as error:
            raise RouteUnconfirmed(f"{taker} took the change, but no endpoint confirms it: {error}") from error
        if seen == wanted:
            return taker, reader.region
        if deadline.is_over:
            break
    told = ", ".join(f"{arn} is {seen[arn]}, not {state}" for arn, state in wanted.items() if seen.get(arn) != state)
    raise RouteUnconfirmed(f"{taker} took the change, but it does not show: {told}")


def read_states(arc: Route53RecoveryClusterClient, arns: Sequence[str]) -> dict[str, ControlState]:
    """The controls' states, as one endpoint has them. Raises NotFound for a control that does not exist."""
    call = "route53-recovery-cluster:GetRoutingControlState"
    found: dict[str, ControlState] = {}
    for arn in arns:
        with translate_errors(call):
            answer = arc.get_routing_control_state(RoutingControlArn=arn)
        found[arn] = parse_response(_ControlStateResponse, answer, call).state
    return found


def check_controls(endpoints: Sequence[ClusterEndpoint], arns: Sequence[str]) -> dict[str, ControlState]:
    """For the preflight: the controls exist and an endpoint answers.

    Raises RouteUnconfirmed, NotFound, AccessDenied.
    """
    _, found = call_any_endpoint(endpoints, lambda arc: read_states(arc, arns), Deadline(), rounds=1)
    return found


def _send_update(
    endpoints: Sequence[ClusterEndpoint],
    desired_states: Mapping[str, ControlState],
    overridden_rules: Sequence[str],
    deadline: Deadline,
) -> tuple[str, str | None]:
    """Who took the change, and who confirms it: an endpoint's Region and None, as it is still to be read back; or, when
    answers were lost and yet the states are as wanted, words and the Region of the endpoint that shows them.

    Raises RouteUnconfirmed when no endpoint took it and it does not show either.
    """
    lost: list[AnswerLost] = []
    looking = Deadline(_READ_AFTER_LOSS_SECONDS)

    def send(arc: Route53RecoveryClusterClient) -> None:
        try:
            _update_states(arc, desired_states, overridden_rules)
        except AnswerLost as error:
            lost.append(error)
            raise

    try:
        return call_any_endpoint(endpoints, send, deadline)[0].region, None
    except RouteUnconfirmed:
        if lost:
            with suppress(RouteUnconfirmed):
                reader, seen = call_any_endpoint(
                    endpoints, lambda arc: read_states(arc, list(desired_states)), looking, rounds=1
                )
                if seen == desired_states:
                    return _UNKNOWN_ENDPOINT, reader.region
        raise


def _update_states(
    arc: Route53RecoveryClusterClient, desired_states: Mapping[str, ControlState], overridden_rules: Sequence[str]
) -> None:
    call = "route53-recovery-cluster:UpdateRoutingControlStates"
    with translate_errors(call):
        try:
            arc.update_routing_control_states(
                UpdateRoutingControlStateEntries=[
                    {"RoutingControlArn": arn, "RoutingControlState": state.value}
                    for arn, state in desired_states.items()
                ],
                SafetyRulesToOverride=overridden_rules,
            )
        except ClientError as error:
            rule = _blocking_safety_rule(error)
            if rule is not None:
                raise SafetyRuleBlocked(f"{call}: safety rule {rule}; nothing was changed") from error
            raise


def _blocking_safety_rule(error: ClientError) -> str | None:
    """Which safety rule refused, where that is what happened: a conflict names it as its resource, and both kinds of
    refusal speak of it in their message."""
    if error_code(error) not in ("ConflictException", "ValidationException"):
        return None
    members: Mapping[str, object] = error.response
    message = str(error.response.get("Error", {}).get("Message", ""))
    if members.get("resourceType") == "SafetyRule":
        return f"{members.get('resourceId')} ({message})"
    lowered = message.lower()
    if any(word in lowered for word in ("safety rule", "assertion rule", "gating rule")):
        return f"({message})"
    return None
