"""Amazon States Language as typed, frozen Python values, and their JSON text. Contains nothing specific to Leeward.

The dialect is JSONPath without variables, which both Step Functions and the twin's engine run. Any module in
`state_machines` may import it.

Source: the Amazon States Language specification, https://states-language.net/spec.html.
"""

from leeward.state_machines.asl.choice_rules import (
    AllOf,
    AnyOf,
    ChoiceRule,
    Comparison,
    PresenceTest,
    present_and_equals,
)
from leeward.state_machines.asl.serialization.json_types import Json, JsonObject
from leeward.state_machines.asl.state_machine import StateMachine
from leeward.state_machines.asl.states import (
    Catcher,
    ChoiceState,
    FailState,
    NextState,
    PassState,
    Retrier,
    State,
    States,
    SucceedState,
    TaskState,
    WaitState,
    next_states,
)

__all__ = [
    "AllOf",
    "AnyOf",
    "Catcher",
    "ChoiceRule",
    "ChoiceState",
    "Comparison",
    "FailState",
    "Json",
    "JsonObject",
    "NextState",
    "PassState",
    "PresenceTest",
    "Retrier",
    "State",
    "StateMachine",
    "States",
    "SucceedState",
    "TaskState",
    "WaitState",
    "next_states",
    "present_and_equals",
]  # fmt: skip
