"""Send an operator's decision, with proof of identity, to the function `answer` in the run's Region."""

from __future__ import annotations

import json

from leeward.common import errors
from leeward.common.errors import LeewardError, Refused
from leeward.common.naming.resource_names import function_name
from leeward.control.approvals.caller_identity import SignedStatement
from leeward.operations.aws_session import AwsSession, translate_aws_errors
from leeward.operations.identity_proof import sign_statement
from leeward.operations.run_lookup import RunStatus

START_DECISION = "started"


def send_answer(
    aws: AwsSession, run_status: RunStatus, decision: str, reason: str, question_key: str | None = None
) -> str:
    """Send a decision and return the function's reply. Raises the LeewardError that the function raises."""
    run = run_status.record.run
    statement = SignedStatement(run, decision, reason, question_key)
    payload = {
        "run": run,
        "decision": decision,
        "reason": reason,
        "question": question_key,
        "proof": sign_statement(aws, statement, run_status.region),
    }
    with translate_aws_errors("lambda:InvokeFunction", run_status.region):
        response = aws.client("lambda", run_status.region).invoke(
            FunctionName=function_name(run_status.record.application, "answer"), Payload=json.dumps(payload).encode()
        )
    answer = json.loads(response["Payload"].read() or b"{}")
    if response.get("FunctionError"):
        raise _parse_error(answer)
    return str(answer.get("detail", ""))


def _parse_error(payload: object) -> LeewardError:
    """Return the function's error as the LeewardError of the same name, or as Refused."""
    error = payload if isinstance(payload, dict) else {}
    kind = getattr(errors, str(error.get("errorType", "")), None)
    message = str(error.get("errorMessage", "no reason was given"))
    if isinstance(kind, type) and issubclass(kind, LeewardError):
        return kind(message)
    return Refused(f"{error.get('errorType', 'an error')}: {message}")
