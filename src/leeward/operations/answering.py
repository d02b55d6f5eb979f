"""Answering a run: the decision, with proof of who decides, goes to the function `answer` in the run's own Region."""

from __future__ import annotations

import json

from leeward.common import errors
from leeward.common.errors import LeewardError, Refused
from leeward.common.names import function
from leeward.control.identity import Statement
from leeward.operations.proof import prove
from leeward.operations.reach import Reach, plain_errors
from leeward.operations.runs import Standing

STARTED = "started"


def answer(reach: Reach, standing: Standing, decision: str, reason: str, question: str | None = None) -> str:
    """What the function says to the decision. Raises the error that it refuses with."""
    run = standing.run.run
    statement = Statement(run, decision, reason, question)
    payload = {
        "run": run,
        "decision": decision,
        "reason": reason,
        "question": question,
        "proof": prove(reach, statement, standing.region),
    }
    with plain_errors("lambda:InvokeFunction", standing.region):
        told = reach.client("lambda", standing.region).invoke(
            FunctionName=function(standing.run.application, "answer"), Payload=json.dumps(payload).encode()
        )
    said = json.loads(told["Payload"].read() or b"{}")
    if told.get("FunctionError"):
        raise _error(said)
    return str(said.get("detail", ""))


def _error(said: object) -> LeewardError:
    """The function's own error, by its name in the one tree."""
    told = said if isinstance(said, dict) else {}
    kind = getattr(errors, str(told.get("errorType", "")), None)
    message = str(told.get("errorMessage", "no reason was given"))
    if isinstance(kind, type) and issubclass(kind, LeewardError):
        return kind(message)
    return Refused(f"{told.get('errorType', 'an error')}: {message}")
