"""Finds the first difference between the events of a machine and those that its document means."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from leeward.state_machines.checks.behavior.interpreter.execution import Call, End, Event, Wait
from leeward.state_machines.checks.expectations.expected_steps import canonical


def find_difference(found: Sequence[Event], meant: Sequence[Event]) -> tuple[str, str] | None:
    """Return the state that differs and how, or None if there is no difference."""
    before = "the begin"
    for one, other in zip_longest(found, meant):
        if one is None or other is None or _key(one) != _key(other):
            state = one.state if one is not None else before
            return state, _explain(one, other)
        before = one.state
    return None


def _key(event: Event) -> object:
    match event:
        case Call():
            return event.function, event.payload, event.task.resource
        case Wait():
            return event.seconds
        case End():
            return event.succeeded, event.error, event.cause


def _explain(found: Event | None, meant: Event | None) -> str:
    if isinstance(found, Call) and isinstance(meant, Call) and found.function == meant.function:
        names = sorted(
            name
            for name in {*found.payload, *meant.payload}
            if canonical(found.payload.get(name)) != canonical(meant.payload.get(name))
        )
        if names:
            values = (f"{canonical(event.payload.get(names[0]))[:160]}" for event in (meant, found))
            return (
                f"passes another {', '.join(names)} to {found.function} than the document means: {' / '.join(values)}"
            )
    return f"the document means {_describe(meant)}, and the machine does {_describe(found)}"


def _describe(event: Event | None) -> str:
    match event:
        case Call():
            step = event.payload.get("step") or {}
            of = f" of {step.get('name')!r}" if isinstance(step, dict) and step else ""
            undo = " to undo it" if isinstance(step, dict) and step.get("undo") else ""
            return f"a call of {event.function}{of}{undo}"
        case Wait():
            return f"a wait of {event.seconds} s"
        case End(succeeded=True):
            return "a successful end"
        case End():
            return f"a failed end with {event.error!r}"
        case None:
            return "nothing more"
