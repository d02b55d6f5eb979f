"""ARC routing controls: switched in one transaction, then read back."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import Field

from leeward.common.answers import Answer, read
from leeward.common.aws import error_code, naming_errors
from leeward.common.errors import AnswerLost, InvalidInput, RouteUnconfirmed, SafetyRuleBlocked
from leeward.traffic.endpoints import Deadline, Endpoint, anywhere

if TYPE_CHECKING:
    from mypy_boto3_route53_recovery_cluster import Route53RecoveryClusterClient

# One transaction takes at most 10 controls (botocore's service model and the ARC quotas).
_MOST_CONTROLS = 10
# A change is confirmed by reading; another endpoint may show it a moment later.
_READS = 3
_READ_PAUSE_SECONDS = 2.0
# Answers that never come use up the patience, and then some; there is still time for one look within the task's 60 s.
_LOOK_AFTER_LOSS_SECONDS = 50.0
_UNKNOWN = "an unknown endpoint (nobody confirmed taking it)"


class Switch(StrEnum):
    """A routing control's state."""

    ON = "On"
    OFF = "Off"


class _State(Answer):
    state: Switch = Field(alias="RoutingControlState")


def switch(
    endpoints: Sequence[Endpoint], on: Sequence[str], off: Sequence[str], override: Sequence[str] = ()
) -> tuple[str, str]:
    """Turn the controls `on` and `off` (ARNs) in one transaction, and read every one back.

    Idempotent: it names states, not changes, so that it may be sent again after a lost answer, to any endpoint.
    Returns the Regions of the endpoints that took the change and that confirmed it; where answers were lost and yet the
    states are as wanted, it says that nobody confirmed taking it. Raises SafetyRuleBlocked when a safety rule refused
    it (nothing changed), RouteUnconfirmed when no endpoint took it or none confirms it; AccessDenied, NotFound at once.
    """
    wanted = dict.fromkeys(on, Switch.ON) | dict.fromkeys(off, Switch.OFF)
    if not wanted or len(wanted) > _MOST_CONTROLS or set(on) & set(off):
        raise InvalidInput(f"one transaction switches 1 to {_MOST_CONTROLS} controls, each on or off; got {wanted}")
    deadline = Deadline()
    taker, confirmed_by = _send(endpoints, wanted, override, deadline)
    if confirmed_by is not None:
        return taker, confirmed_by
    seen: Mapping[str, Switch] = {}
    for number in range(_READS):
        if number:
            time.sleep(_READ_PAUSE_SECONDS)
        try:
            reader, seen = anywhere(endpoints, lambda arc: states(arc, list(wanted)), deadline, rounds=1)
        except RouteUnconfirmed as error:
            raise RouteUnconfirmed(f"{taker} took the change, but no endpoint confirms it: {error}") from error
        if seen == wanted:
            return taker, reader.region
        if deadline.over:
            break
    told = ", ".join(f"{arn} is {seen[arn]}, not {state}" for arn, state in wanted.items() if seen.get(arn) != state)
    raise RouteUnconfirmed(f"{taker} took the change, but it does not show: {told}")


def states(arc: Route53RecoveryClusterClient, arns: Sequence[str]) -> dict[str, Switch]:
    """The controls' states, as one endpoint has them. Raises NotFound for a control that does not exist."""
    call = "route53-recovery-cluster:GetRoutingControlState"
    found: dict[str, Switch] = {}
    for arn in arns:
        with naming_errors(call):
            answer = arc.get_routing_control_state(RoutingControlArn=arn)
        found[arn] = read(_State, answer, call).state
    return found


def check(endpoints: Sequence[Endpoint], arns: Sequence[str]) -> dict[str, Switch]:
    """For the preflight: the controls exist and an endpoint answers.

    Raises RouteUnconfirmed, NotFound, AccessDenied.
    """
    _, found = anywhere(endpoints, lambda arc: states(arc, arns), Deadline(), rounds=1)
    return found


def _send(
    endpoints: Sequence[Endpoint], wanted: Mapping[str, Switch], override: Sequence[str], deadline: Deadline
) -> tuple[str, str | None]:
    """Who took the change, and who confirms it: an endpoint's Region and None, as it is still to be read back; or, when
    answers were lost and yet the states are as wanted, words and the Region of the endpoint that shows them.

    Raises RouteUnconfirmed when no endpoint took it and it does not show either.
    """
    lost: list[AnswerLost] = []
    looking = Deadline(_LOOK_AFTER_LOSS_SECONDS)

    def send(arc: Route53RecoveryClusterClient) -> None:
        try:
            _update(arc, wanted, override)
        except AnswerLost as error:
            lost.append(error)
            raise

    try:
        return anywhere(endpoints, send, deadline)[0].region, None
    except RouteUnconfirmed:
        if lost:
            with suppress(RouteUnconfirmed):
                reader, seen = anywhere(endpoints, lambda arc: states(arc, list(wanted)), looking, rounds=1)
                if seen == wanted:
                    return _UNKNOWN, reader.region
        raise


def _update(arc: Route53RecoveryClusterClient, wanted: Mapping[str, Switch], override: Sequence[str]) -> None:
    call = "route53-recovery-cluster:UpdateRoutingControlStates"
    with naming_errors(call):
        try:
            arc.update_routing_control_states(
                UpdateRoutingControlStateEntries=[
                    {"RoutingControlArn": arn, "RoutingControlState": state.value} for arn, state in wanted.items()
                ],
                SafetyRulesToOverride=override,
            )
        except ClientError as error:
            rule = _rule(error)
            if rule is not None:
                raise SafetyRuleBlocked(f"{call}: safety rule {rule}; nothing was changed") from error
            raise


def _rule(error: ClientError) -> str | None:
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
