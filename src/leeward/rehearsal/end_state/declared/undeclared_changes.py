"""Finds the changes of a run that no step of its runbook declares, such as a leak of a run without faults."""

from __future__ import annotations

from leeward.kinds.descriptors.resources import ChangedResource
from leeward.rehearsal.end_state.comparison import ABSENT, StateDifference
from leeward.rehearsal.end_state.declared.resource_changes import CHANGES_BY_RESOURCE, StateChange
from leeward.rehearsal.end_state.session_state import ComparableState
from leeward.rehearsal.end_state.trial_goal import EndState
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.step_kinds.step_behavior import kind_of

# The Region of services and state that an account has once.
_GLOBAL = "aws"


def find_undeclared_changes(end_state: EndState, ready: BuiltRunbook) -> list[StateDifference]:
    """Return the differences between the states before and after a run that no step of its runbook declares.

    A step acts in the application's Regions and on global services. So every change in another Region is undeclared.
    Call it while a session is open.
    """
    declared = {resource for step in ready.runbook.steps for resource in kind_of(step).changes}
    if ChangedResource.ANY in declared:
        return []
    changes = [change for resource in declared for change in _changes_of(resource)]
    places = {*ready.application.regions.both, _GLOBAL}
    known_ids = end_state.initial.generated_ids()
    before, after = (ComparableState(state, known_ids) for state in (end_state.initial, end_state.final))
    return [
        difference
        for difference in before.differences(after)
        if difference.key.region not in places
        or _adds_to_existing(difference)
        or not any(change.covers(difference) for change in changes)
    ]


def _changes_of(resource: str) -> tuple[StateChange, ...]:
    """Return the changes of a kind of resource, or all changes of a service that a plug-in's kind names."""
    if resource in frozenset(ChangedResource):
        return CHANGES_BY_RESOURCE[ChangedResource(resource)]
    return (StateChange(resource, "*"), StateChange(resource, "*", fields=("*",)))


def _adds_to_existing(difference: StateDifference) -> bool:
    """Return whether the first tag was added to a resource that existed before the run, which has the tag's ID."""
    key = difference.key
    is_created = not difference.field and difference.was == ABSENT
    return (key.service, key.kind) == ("ec2", "tags") and is_created and "<new" not in key.id
