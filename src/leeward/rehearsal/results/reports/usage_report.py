"""The AWS usage of a run, in total and by step."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

OUTSIDE_STEPS = "outside the steps"


class StepUsage(BaseModel):
    """The usage of one step, including its failure handling, its questions, and its rollback.

    `id` and `kind` are None in the last row, which has the usage that belongs to no step, such as the begin and the end
    of the run.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str | None
    name: str
    kind: str | None
    api_calls: dict[str, int]
    state_transitions: int
    lambda_invocations: int
    history_events: int


class MeasuredUsage(BaseModel):
    """The AWS usage that the run would have had. The counts of `by_step` add up to the totals.

    - `api_calls`: attempts by operation. A call that the SDK sends again counts again.
    - `largest_payload_bytes`: the largest input or output of a state or a task, of which Step Functions allows 256 KiB.
    - `longest_invocation_seconds`: from the invocation to the response, including a cold start.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    state_transitions: int
    lambda_invocations: int
    api_calls: dict[str, int]
    history_events: int = 0
    largest_payload_bytes: int = 0
    longest_invocation_seconds: float = 0.0
    by_step: list[StepUsage] = []
