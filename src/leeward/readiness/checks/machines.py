"""Is what is deployed what was reviewed? The committed state machines, in the Regions that they enter."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.common.arns import Arn
from leeward.common.aws import naming_errors
from leeward.common.definitions import fingerprint
from leeward.common.errors import LeewardError, NotFound
from leeward.readiness.findings import Finding, failed, ok, unknown
from leeward.readiness.reach import Reach
from leeward.readiness.subject import Machine, Subject

_FIX = "deploy again: make deploy APP=<application> ENV=<environment>"


def look(subject: Subject, reach: Reach) -> Iterator[Finding]:
    """Each runbook's state machine is there, active, and the one that was committed."""
    account = Arn.parse(reach.topic).account
    for machine in subject.machines:
        yield _machine(machine, subject.application, account, reach)


def _machine(machine: Machine, application: str, account: str, reach: Reach) -> Finding:
    check, subject = "machine.definition", f"{machine.name} in {machine.region}"
    arn = f"arn:aws:states:{machine.region}:{account}:stateMachine:{machine.name}"
    try:
        with naming_errors("states:DescribeStateMachine"):
            found = reach.of("stepfunctions", machine.region).describe_state_machine(stateMachineArn=arn)
    except NotFound:
        return failed(check, subject, "there is no such state machine", _FIX)
    except LeewardError as error:
        if "StateMachineDoesNotExist" in str(error):
            return failed(check, subject, "there is no such state machine", _FIX)
        return unknown(check, subject, f"it could not be read ({error})", "see that this Region answers")
    if found.get("status", "ACTIVE") != "ACTIVE":
        return failed(check, subject, f"it is {found['status']}", _FIX)
    if fingerprint(found["definition"], application) != machine.sha256:
        return failed(check, subject, "it is not the committed one", f"{_FIX}; or commit what was changed by hand")
    return ok(check, subject, "it is the committed one")
