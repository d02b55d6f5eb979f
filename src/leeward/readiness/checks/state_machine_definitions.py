"""Check that the deployed state machines are the committed ones, each in its runbook's target Region."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.base.arns import Arn
from leeward.common.aws.clients import translate_errors
from leeward.common.definition_fingerprint import fingerprint_definition
from leeward.common.errors import LeewardError, NotFound
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import CommittedStateMachine, ReadinessInput

_FIX = "redeploy: make deploy APP=<application> ENV=<environment>"


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check that each runbook's state machine exists, is active, and has the committed definition."""
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
            description = clients.client("stepfunctions", machine.region).describe_state_machine(stateMachineArn=arn)
    except NotFound:
        return failed(check, subject, "the state machine does not exist", _FIX)
    except LeewardError as error:
        if "StateMachineDoesNotExist" in str(error):
            return failed(check, subject, "the state machine does not exist", _FIX)
        return unknown(check, subject, f"it can't be read ({error})", "check that this Region is available")
    if description.get("status", "ACTIVE") != "ACTIVE":
        return failed(check, subject, f"it is {description['status']}", _FIX)
    if fingerprint_definition(description["definition"], application) != machine.sha256:
        return failed(
            check, subject, "the definition differs from the committed one", f"{_FIX}; or commit the manual change"
        )
    return ok(check, subject, "it has the committed definition")


CHECK = ReadinessCheck("machine", check)
