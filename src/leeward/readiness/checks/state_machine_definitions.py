"""Is what is deployed what was reviewed? The committed state machines, in the Regions that they enter."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.base.arns import Arn
from leeward.common.aws.clients import translate_errors
from leeward.common.definition_fingerprint import fingerprint_definition
from leeward.common.errors import LeewardError, NotFound
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown
from leeward.readiness.model.readiness_input import CommittedStateMachine, ReadinessInput

_FIX = "deploy again: make deploy APP=<application> ENV=<environment>"


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Each runbook's state machine is there, active, and the one that was committed."""
    account = Arn.parse(clients.topic).account
    for machine in inputs.machines:
        yield _check_definition(machine, inputs.application, account, clients)


def _check_definition(
    machine: CommittedStateMachine, application: str, account: str, clients: CheckClients
) -> ReadinessFinding:
    check, subject = "machine.definition", f"{machine.name} in {machine.region}"
    arn = f"arn:aws:states:{machine.region}:{account}:stateMachine:{machine.name}"
    try:
        with translate_errors("states:DescribeStateMachine"):
            found = clients.client("stepfunctions", machine.region).describe_state_machine(stateMachineArn=arn)
    except NotFound:
        return failed(check, subject, "there is no such state machine", _FIX)
    except LeewardError as error:
        if "StateMachineDoesNotExist" in str(error):
            return failed(check, subject, "there is no such state machine", _FIX)
        return unknown(check, subject, f"it could not be read ({error})", "see that this Region answers")
    if found.get("status", "ACTIVE") != "ACTIVE":
        return failed(check, subject, f"it is {found['status']}", _FIX)
    if fingerprint_definition(found["definition"], application) != machine.sha256:
        return failed(check, subject, "it is not the committed one", f"{_FIX}; or commit what was changed by hand")
    return ok(check, subject, "it is the committed one")
