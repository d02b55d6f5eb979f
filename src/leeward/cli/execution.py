"""What Step Functions knows of an execution: its definition, and the states that it entered."""

from __future__ import annotations

import json
from typing import Any

from leeward.common.aws import naming_errors
from leeward.evidence.graph import graph_of
from leeward.evidence.model import Graph


def graph_of_execution(client: Any, execution: str) -> Graph:
    """The state machine's graph with the way that the execution took. Raises a LeewardError."""
    with naming_errors("states:DescribeStateMachineForExecution"):
        definition = client.describe_state_machine_for_execution(executionArn=execution)["definition"]
    entered: list[str] = []
    with naming_errors("states:GetExecutionHistory"):
        pages = client.get_paginator("get_execution_history").paginate(
            executionArn=execution, includeExecutionData=False
        )
        for page in pages:
            details = (event.get("stateEnteredEventDetails") for event in page["events"])
            entered += [each["name"] for each in details if each]
    return graph_of(json.loads(definition), entered)
