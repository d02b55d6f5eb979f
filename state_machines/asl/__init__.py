"""Amazon States Language as typed, frozen Python values, and their JSON text. Knows nothing of Leeward.

The dialect is JSONPath without variables: what both Step Functions and the twin's engine run. Anything in
`state_machines` may import it.

Source: the Amazon States Language specification, https://states-language.net/spec.html.
"""

from leeward.state_machines.asl.json import Json, JsonObject
from leeward.state_machines.asl.machine import Machine
from leeward.state_machines.asl.rules import All, Any, Equals, Present, Rule, present_and_equals
from leeward.state_machines.asl.states import (
    Branch,
    Catcher,
    Choice,
    Fail,
    Next,
    Parallel,
    Pass,
    Retrier,
    State,
    States,
    Succeed,
    Task,
    Wait,
    targets,
)

__all__ = [
    "All", "Any", "Branch", "Catcher", "Choice", "Equals", "Fail", "Json", "JsonObject", "Machine", "Next", "Parallel",
    "Pass", "Present", "Retrier", "Rule", "State", "States", "Succeed", "Task", "Wait",
    "present_and_equals", "targets",
]  # fmt: skip
