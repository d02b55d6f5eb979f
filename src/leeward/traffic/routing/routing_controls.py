"""Switch ARC routing controls in one transaction, and confirm their states."""

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

# A transaction changes at most 10 controls (botocore's service model and the ARC quotas).
_MAX_CONTROLS = 10
# The states are read to confirm a change. Another endpoint may show the change a moment later.
_READS = 3
_READ_PAUSE_SECONDS = 2.0
# Lost answers use up the first deadline. This one leaves time to read the states once within the 30 s of a call.
_READ_AFTER_LOSS_SECONDS = 22.0
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
    """Turn controls (ARNs) on and off in one transaction, and confirm their states by reading them.

    The call is idempotent, because it sets states. So it can be sent again to any endpoint after a lost answer.

    Returns the Region of the endpoint that accepted the change, and the Region of the endpoint that confirmed it. If
    answers were lost but the states are correct, the first value says that no endpoint confirmed accepting the change.
    Raises SafetyRuleBlocked if a safety rule rejected the change (nothing changed), RouteUnconfirmed if no endpoint
    accepted or confirmed it, and AccessDenied or NotFound without trying other endpoints.
    """
    desired_states = dict.fromkeys(turn_on, ControlState.ON) | dict.fromkeys(turn_off, ControlState.OFF)
    if not desired_states or len(desired_states) > _MAX_CONTROLS or set(turn_on) & set(turn_off):
        raise InvalidInput(
            f"one transaction switches 1 to {_MAX_CONTROLS} controls, each on or off; got {desired_states}"
        )
    deadline = Deadline()
    receiver, confirmed_by = _send_update(endpoints, desired_states, overridden_rules, deadline)
    if confirmed_by is not None:
        return receiver, confirmed_by
    states: Mapping[str, ControlState] = {}
    for attempt in range(_READS):
        if attempt:
            time.sleep(_READ_PAUSE_SECONDS)
        try:
            reader, states = call_any_endpoint(
                endpoints, lambda arc: read_states(arc, list(desired_states)), deadline, rounds=1
            )
        except RouteUnconfirmed as error:
            raise RouteUnconfirmed(f"{receiver} took the change, but no endpoint confirms it: {error}") from error
        if states == desired_states:
            return receiver, reader.region
        if deadline.is_over:
            break
    differences = ", ".join(
        f"{arn} is {states[arn]}, not {state}" for arn, state in desired_states.items() if states.get(arn) != state
    )
    raise RouteUnconfirmed(f"{receiver} took the change, but it does not show: {differences}")


def read_states(arc: Route53RecoveryClusterClient, arns: Sequence[str]) -> dict[str, ControlState]:
    """Return the controls' states from one endpoint. Raises NotFound if a control does not exist."""
    call = "route53-recovery-cluster:GetRoutingControlState"
    states: dict[str, ControlState] = {}
    for arn in arns:
        with translate_errors(call):
            response = arc.get_routing_control_state(RoutingControlArn=arn)
        states[arn] = parse_response(_ControlStateResponse, response, call).state
    return states


def check_controls(endpoints: Sequence[ClusterEndpoint], arns: Sequence[str]) -> dict[str, ControlState]:
    """Return the controls' states from any endpoint, for the preflight check.

    Raises RouteUnconfirmed if no endpoint responds, NotFound if a control does not exist, and AccessDenied.
    """
    _, states = call_any_endpoint(endpoints, lambda arc: read_states(arc, arns), Deadline(), rounds=1)
    return states


def _send_update(
    endpoints: Sequence[ClusterEndpoint],
    desired_states: Mapping[str, ControlState],
    overridden_rules: Sequence[str],
    deadline: Deadline,
) -> tuple[str, str | None]:
    """Send the change. Return the Region of the endpoint that accepted it, and None as nothing is confirmed yet.

    If answers were lost but the states are correct, return _UNKNOWN_ENDPOINT and the Region of the endpoint that shows
    the states. Raises RouteUnconfirmed if no endpoint accepted the change and the states are different.
    """
    lost_answers: list[AnswerLost] = []
    read_deadline = Deadline(_READ_AFTER_LOSS_SECONDS)

    def send(arc: Route53RecoveryClusterClient) -> None:
        try:
            _update_states(arc, desired_states, overridden_rules)
        except AnswerLost as error:
            lost_answers.append(error)
            raise

    try:
        return call_any_endpoint(endpoints, send, deadline)[0].region, None
    except RouteUnconfirmed:
        if lost_answers:
            with suppress(RouteUnconfirmed):
                reader, states = call_any_endpoint(
                    endpoints, lambda arc: read_states(arc, list(desired_states)), read_deadline, rounds=1
                )
                if states == desired_states:
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
    """Return the safety rule that rejected the change, or None if the error has another cause.

    A ConflictException names the rule as its resource. A ValidationException mentions it only in the message.
    """
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
