"""The served world: an application's world, the state machines of its runbooks, and its simulated users."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from leeward.rehearsal.roles.task_roles import enforce_task_roles
from leeward.rehearsal.scenarios import scenario_documents
from leeward.rehearsal.scenarios.scenario_loader import load_scenario, load_world_document
from leeward.rehearsal.server.hosting.on_demand_incidents import OnDemandIncidents, check_scenario
from leeward.rehearsal.server.hosting.served_executions import ServedExecutions
from leeward.rehearsal.server.hosting.user_totals import UserTotals
from leeward.rehearsal.worlds.world_builder import World, build_world
from leeward.state_machines.build import BuiltRunbook, build_runbooks
from leeward.twin.engine import Engine, cache_definitions_in
from leeward.twin.engine.host_process.time_machine_import import real_now

# A served world runs until the server stops.
_HORIZON = timedelta(days=36_500)
# The limit of recorded AWS calls and invocations, so that a world can be served for days.
_MAX_LOGGED_CALLS = 10_000
_TRIM_INTERVAL_SECONDS = 600


def load_served_world(
    root: Path, application: str, *, scenario: str | None = None, seed: int = 7, start: datetime | None = None
) -> ServedWorld:
    """Return the world of `application` in the project at `root`, with a state machine for each of its runbooks.

    The engine caches the parsed definitions in `build/parsed` of the project, which halves the time of later starts.
    Without `scenario`, incidents occur only on demand. `start` is the initial virtual time. By default, it is the
    current real time, so that it agrees with a client's clock.

    Raises LookupError when the application or the scenario doesn't exist, and InvalidDocuments when a document has an
    error.
    """
    cache_definitions_in(root / "build" / "parsed")
    readies = [r for r in build_runbooks(root / "runbooks") if r.application.application == application]
    if not readies:
        raise LookupError(f"there is no application {application} with a runbook in {root / 'runbooks'}")
    workloads = root / "workloads"
    world_document = load_world_document(workloads, application)
    scenario_document = load_scenario(workloads, application, scenario) if scenario else None
    return ServedWorld(
        readies, world_document, scenario_document, seed, start or datetime.now(UTC).replace(microsecond=0)
    )


class ServedWorld:
    """A world that is served. Use it as a context manager. Only one world can be open per process.

    Raises InvalidIncident when the scenario isn't valid for the application.
    """

    def __init__(
        self,
        readies: list[BuiltRunbook],
        world_document: scenario_documents.WorldDocument,
        scenario: scenario_documents.Scenario | None,
        seed: int,
        start: datetime,
    ) -> None:
        self.readies, self.scenario, self._world_document = readies, scenario, world_document
        self.application = readies[0].application
        self.started_at = start
        if scenario is not None:
            check_scenario(self.application, scenario)
        self.engine = Engine(start, seed, self.application.account, _HORIZON)
        self._exit_stack = ExitStack()

    @property
    def has_page(self) -> bool:
        """Return whether the application has a page that a browser can open."""
        return self._world_document.deployment is not None

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self.engine)
            self._build()
            self._exit_stack = opening.pop_all()
        return self

    def _build(self) -> None:
        regions = self.application.regions
        self.engine.interceptor.http.signature_clock = real_now  # a client's clock differs from the virtual clock
        self.world: World = build_world(
            self.engine, self.application, self._world_document, origin=regions.primary, target=regions.standby
        )
        self.guard = enforce_task_roles(self.engine, self.application, self.readies)
        self.user_totals = UserTotals(self.world.clients)
        inline = self.world.clients is None or self.world.clients.runs_inline
        self.engine.clock.call_every(1, self.user_totals.tick, name="users", inline=inline)
        self.engine.clock.call_every(_TRIM_INTERVAL_SECONDS, self._trim_call_logs, name="tidy", inline=True)
        self.incidents = OnDemandIncidents(self.world)
        self.executions = ServedExecutions(self.engine, self.readies)
        if self.scenario is not None:
            self.incidents.schedule_scenario(self.scenario)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit_stack.__exit__(kind, error, trace)

    def _trim_call_logs(self) -> None:
        del self.engine.interceptor.calls[:-_MAX_LOGGED_CALLS]
        del self.engine.functions.invocations[:-_MAX_LOGGED_CALLS]
        del self.guard.denied_calls[:-_MAX_LOGGED_CALLS]
        self.guard.used_permissions.clear()
