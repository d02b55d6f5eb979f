"""The ways to change a state. Each applies only to a visit that shows that the change has an effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.state_machines.replay.visits import Asl, Visit

_WRONG = " changed"


def change_next(visit: Visit, rng: Random) -> Asl | None:
    """Continue at another state."""
    others = [name for name in visit.siblings if name != visit.following]
    return {**visit.state, "Next": rng.choice(others)} if visit.has_succeeded else None


def change_choice_target(visit: Visit, rng: Random) -> Asl | None:
    """Let the rule that was true, or the default, lead to another state."""
    others = [name for name in visit.siblings if name != visit.following]
    if visit.following is None or visit.state["Type"] != "Choice":
        return None
    choices = [_replaced(rule, visit, rng.choice(others)) for rule in visit.state["Choices"]]
    default = rng.choice(others) if visit.state["Default"] == visit.following else visit.state["Default"]
    return {**visit.state, "Choices": choices, "Default": default}


def _replaced(rule: Asl, visit: Visit, target: str) -> Asl:
    return {**rule, "Next": target} if rule["Next"] == visit.following else rule


def swap_choice_with_default(visit: Visit, rng: Random) -> Asl | None:
    """Exchange the targets of the only rule and of the default."""
    rules = visit.state.get("Choices", ())
    if visit.following is None or len(rules) != 1 or rules[0]["Next"] == visit.state["Default"]:
        return None
    rule = {**rules[0], "Next": visit.state["Default"]}
    return {**visit.state, "Choices": [rule], "Default": rules[0]["Next"]}


def negate_rule(visit: Visit, rng: Random) -> Asl | None:
    """Negate the rule that was true, if no other rule leads to the same state."""
    taken = _taken_rule(visit)
    if taken is None:
        return None
    negated = {"Not": {key: value for key, value in taken.items() if key != "Next"}, "Next": taken["Next"]}
    return {**visit.state, "Choices": [negated if rule is taken else rule for rule in visit.state["Choices"]]}


def change_comparison(visit: Visit, rng: Random) -> Asl | None:
    """Compare with another value, in the rule that was true. In an `And`, one false part makes it false."""
    taken = _taken_rule(visit)
    part = (taken.get("And") or [taken])[-1] if taken else {}
    changed = [
        {**part, operator: not part[operator] if isinstance(part[operator], bool) else part[operator] + _WRONG}
        for operator in ("StringEquals", "BooleanEquals", "IsPresent")
        if operator in part
    ]
    if taken is None or not changed:
        return None
    rule = {**taken, "And": [*taken["And"][:-1], changed[0]]} if "And" in taken else changed[0]
    return {**visit.state, "Choices": [rule if each is taken else each for each in visit.state["Choices"]]}


def _taken_rule(visit: Visit) -> Asl | None:
    """Return the rule that was true, if it is the only way to the state that followed."""
    if visit.state["Type"] != "Choice" or visit.following in (None, visit.state["Default"]):
        return None
    rules: list[Asl] = [rule for rule in visit.state["Choices"] if rule["Next"] == visit.following]
    return rules[0] if len(rules) == 1 else None


def change_result_path(visit: Visit, rng: Random) -> Asl | None:
    """Write the result to another field of the next state's input."""
    path = visit.state.get("ResultPath")
    return {**visit.state, "ResultPath": f"{path}.changed"} if path and visit.has_succeeded else None


def discard_output(visit: Visit, rng: Random) -> Asl | None:
    """Give the next state an empty object."""
    return {**visit.state, "OutputPath": None} if visit.has_succeeded and visit.following_input != {} else None


def change_parameter(visit: Visit, rng: Random) -> Asl | None:
    """Change a text that a function gets, or remove what it gets from the state's input."""
    if not visit.attempts:
        return None
    place = rng.choice(list(_leaves(visit.state["Parameters"], ())))
    return {**visit.state, "Parameters": _changed_at(visit.state["Parameters"], place)}


def change_passed_value(visit: Visit, rng: Random) -> Asl | None:
    """Change what a Pass state writes."""
    if visit.state["Type"] != "Pass" or not visit.has_succeeded or visit.state.get("ResultPath", "$") is None:
        return None
    place = rng.choice(list(_leaves(visit.state["Parameters"], ())))
    return {**visit.state, "Parameters": _changed_at(visit.state["Parameters"], place)}


def change_result_selector(visit: Visit, rng: Random) -> Asl | None:
    """Remove a field of the result."""
    selector = visit.state.get("ResultSelector")
    if not selector or not visit.has_succeeded or visit.state.get("ResultPath", "$") is None:
        return None
    removed = rng.choice(list(selector))
    return {**visit.state, "ResultSelector": {key: value for key, value in selector.items() if key != removed}}


def _leaves(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of each value that isn't a container."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*place, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, (*place, number))
    else:
        yield place


def _changed_at(value: Any, place: tuple[str | int, ...]) -> Any:
    first, *rest = place
    items = dict(value) if isinstance(value, dict) else dict(enumerate(value))
    if rest:
        items[first] = _changed_at(items[first], tuple(rest))
    elif str(first).endswith(".$"):
        del items[first]
    else:
        items[first] = f"{items[first]}{_WRONG}"
    return items if isinstance(value, dict) else list(items.values())


def remove_retry(visit: Visit, rng: Random) -> Asl | None:
    """Never retry a task that was retried."""
    return _without(visit.state, "Retry") if visit.retried_errors else None


def lower_max_attempts(visit: Visit, rng: Random) -> Asl | None:
    """Retry once less than the visit did."""
    if not visit.retried_errors:
        return None
    return _with_last_retrier(visit, {"MaxAttempts": len(visit.retried_errors) - 1})


def raise_max_attempts(visit: Visit, rng: Random) -> Asl | None:
    """Retry once more than the visit did, if its last attempt had an error that is retried."""
    error, retriers = visit.caught_error, visit.state.get("Retry", ())
    if error is None or not retriers or any(error in each["ErrorEquals"] for each in retriers[:-1]):
        return None
    last = retriers[-1]
    if error not in last["ErrorEquals"] and "States.ALL" not in last["ErrorEquals"]:
        return None
    return _with_last_retrier(visit, {"MaxAttempts": last["MaxAttempts"] + 1})


def _with_last_retrier(visit: Visit, members: Asl) -> Asl:
    retriers = visit.state["Retry"]
    return {**visit.state, "Retry": [*retriers[:-1], {**retriers[-1], **members}]}


def forget_retried_error(visit: Visit, rng: Random) -> Asl | None:
    """Don't retry the error that was retried: list it with those that must not be."""
    if not visit.retried_errors or len(visit.state["Retry"]) < 2:
        return None
    never, *others = visit.state["Retry"]
    never = {**never, "ErrorEquals": [*never["ErrorEquals"], visit.retried_errors[0]]}
    return {**visit.state, "Retry": [never, *others]}


def retry_lasting_error(visit: Visit, rng: Random) -> Asl | None:
    """Retry the error that was caught, although it lasts: remove it from the list of those that must not be retried."""
    never, *others = visit.state.get("Retry") or [{}]
    error = visit.caught_error
    if error is None or not others or never["MaxAttempts"] or error not in never["ErrorEquals"]:
        return None
    return {**visit.state, "Retry": [_forget(never, error), *others]}


def remove_catch(visit: Visit, rng: Random) -> Asl | None:
    """Catch nothing where an error was caught."""
    return _without(visit.state, "Catch") if visit.caught_error else None


def change_catch_target(visit: Visit, rng: Random) -> Asl | None:
    """Continue at another state after the error that was caught."""
    others = [name for name in visit.siblings if name != visit.following]
    return _with_catcher(visit, lambda catcher: {**catcher, "Next": rng.choice(others)})


def change_catch_result_path(visit: Visit, rng: Random) -> Asl | None:
    """Write the caught error to another field."""
    return _with_catcher(visit, lambda catcher: {**catcher, "ResultPath": f"{catcher['ResultPath']}.changed"})


def forget_caught_error(visit: Visit, rng: Random) -> Asl | None:
    """Remove the caught error from its catcher, if the next catcher that takes it leads elsewhere."""
    error, catchers = visit.caught_error, visit.state.get("Catch", ())
    taking = [each for each in catchers if error in each["ErrorEquals"] or "States.ALL" in each["ErrorEquals"]]
    if (
        error is None
        or error not in taking[0]["ErrorEquals"]
        or [each["Next"] for each in taking[1:2]] == [visit.following]
    ):
        return None
    return _with_catcher(visit, lambda catcher: _forget(catcher, error))


def _with_catcher(visit: Visit, change: Callable[[Asl], Asl]) -> Asl | None:
    """Return the state with a change of the catcher that took the error."""
    if visit.caught_error is None:
        return None
    catchers = list(visit.state["Catch"])
    names = (visit.caught_error, "States.ALL")
    taker = next(n for n, each in enumerate(catchers) if any(name in each["ErrorEquals"] for name in names))
    catchers[taker] = change(catchers[taker])
    return {**visit.state, "Catch": catchers}


def _forget(clause: Asl, error: str) -> Asl:
    return {**clause, "ErrorEquals": [each for each in clause["ErrorEquals"] if each != error]}


def _without(state: Asl, member: str) -> Asl:
    return {key: value for key, value in state.items() if key != member}


def shorten_timeout(visit: Visit, rng: Random) -> Asl | None:
    """Time out before an attempt that succeeded does."""
    takes_longer = any(each["outcome"] == "succeeded" and each["milliseconds"] > 1000 for each in visit.attempts)
    return {**visit.state, "TimeoutSeconds": 1} if takes_longer and visit.state["TimeoutSeconds"] > 1 else None


def misspell_wait(visit: Visit, rng: Random) -> Asl | None:
    """Read the time to wait from a field that doesn't exist."""
    is_read = "SecondsPath" in visit.state and visit.has_succeeded
    return {**visit.state, "SecondsPath": f"{visit.state['SecondsPath']}_changed"} if is_read else None


def swap_error_and_cause(visit: Visit, rng: Random) -> Asl | None:
    """End with the error as the cause, and the cause as the error."""
    end, state = visit.recording.end, visit.state
    if state["Type"] != "Fail" or end.get("error") == end.get("cause"):
        return None
    return {**state, "ErrorPath": state["CausePath"], "CausePath": state["ErrorPath"]}


OPERATORS: tuple[Callable[[Visit, Random], Asl | None], ...] = (
    change_next,
    change_choice_target,
    swap_choice_with_default,
    negate_rule,
    change_comparison,
    change_result_path,
    discard_output,
    change_parameter,
    change_passed_value,
    change_result_selector,
    remove_retry,
    lower_max_attempts,
    raise_max_attempts,
    forget_retried_error,
    retry_lasting_error,
    remove_catch,
    change_catch_target,
    change_catch_result_path,
    forget_caught_error,
    shorten_timeout,
    misspell_wait,
    swap_error_and_cause,
)
