"""Read an execution's state machine and the states that it entered from Step Functions."""

from __future__ import annotations

import json
from typing import Any

from leeward.common.aws.clients import translate_errors
from leeward.evidence.execution_graph import build_execution_graph
from leeward.evidence.model import ExecutionGraph


def read_execution_graph(client: Any, execution_arn: str) -> ExecutionGraph:
    """Return the graph of the state machine with the path of the execution. Raises a LeewardError when a call fails."""
    with translate_errors("states:DescribeStateMachineForExecution"):
        definition = client.describe_state_machine_for_execution(executionArn=execution_arn)["definition"]
    entered_states: list[str] = []
    with translate_errors("states:GetExecutionHistory"):
        pages = client.get_paginator("get_execution_history").paginate(
            executionArn=execution_arn, includeExecutionData=False
        )
        for page in pages:
            details = (event.get("stateEnteredEventDetails") for event in page["events"])
            entered_states += [each["name"] for each in details if each]
    return build_execution_graph(json.loads(definition), entered_states)
