"""Reads the complete state of a session's world, and compares it with that of another session of the same documents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from leeward.rehearsal.clients.writing_clients import WritingClients
from leeward.rehearsal.end_state.comparison import StateDifference, find_differences
from leeward.rehearsal.end_state.ignored_state import IGNORED_STATE, IgnoredState, omitted_paths
from leeward.rehearsal.end_state.normalization import Normalization, NormalizedState, find_ids
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from leeward.twin.state_dump.backend_walk import dump_state
from leeward.twin.state_dump.state_document import ResourceKey, StateDocument
from leeward.twin.state_dump.terminated_instances import without_terminated_instances
from leeward.twin.state_dump.untouched_regions import dump_untouched, used_services


@dataclass(frozen=True, slots=True)
class TwinState:
    """The complete state of a world. `runs` are the IDs of the session's runs until then."""

    account: str
    document: StateDocument
    runs: tuple[str, ...]

    def generated_ids(self) -> frozenset[str]:
        """Return every generated ID in the state."""
        return find_ids(self.document)


def read_twin_state(session: RehearsalSession) -> TwinState:
    """Return everything that the session's simulated AWS holds now, without the writes of the simulated users.

    The number of those writes depends on how long a run takes. The invariant `acknowledged` checks them one by one.
    """
    account = session.application.account
    owners = {"lambda": session.engine.functions, "dynamodb": session.world.tables}
    document = without_terminated_instances(dump_state(account, owners, _omitted_paths))
    document = {key: fields for key, fields in document.items() if not _is_user_write(session, key, fields)}
    return TwinState(account, document, tuple(run.id for run in session.runs))


class ComparableState:
    """A state in which everything is replaced that two sessions of the same documents can't have in common.

    `known_ids` are the IDs that existed in both sessions before their runs.
    """

    def __init__(
        self, state: TwinState, known_ids: frozenset[str], ignored: tuple[IgnoredState, ...] = IGNORED_STATE
    ) -> None:
        self.known_ids = known_ids
        self._account, self._places = state.account, used_services(state.document)
        self._normalization = Normalization(known_ids, state.runs, ignored)
        self._resources = self._normalization.normalize(state.document)

    def differences(self, other: ComparableState) -> list[StateDifference]:
        """Return what is different in the other state. Call it while a session is open."""
        return find_differences(self._with_places_of(other), other._with_places_of(self))

    def _with_places_of(self, other: ComparableState) -> NormalizedState:
        """Return the resources, with those that the services hold from the start in the Regions of the other state."""
        untouched = dump_untouched(self._account, other._places - self._places)
        return {**self._normalization.normalize(untouched), **self._resources}


# Asked for each resource.
_omitted_paths = cache(omitted_paths)


def _is_user_write(session: RehearsalSession, key: ResourceKey, fields: object) -> bool:
    clients = session.world.clients
    if (key.service, key.kind) != ("dynamodb", "rows") or not isinstance(clients, WritingClients):
        return False
    tables = {component.table for _, component in session.application.components_of_kind(GlobalTableComponent)}
    item = cast("dict[str, Any]", fields).get("attrs")
    if key.id.partition("/")[0] not in tables or not isinstance(item, dict):
        return False
    return clients.ledger.write_number(item) in clients.ledger.writes
