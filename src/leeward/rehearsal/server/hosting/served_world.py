"""What is served: an application's world, the state machines of its runbooks, and users who keep calling it."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from leeward.rehearsal.scenarios import scenario_documents
from leeward.rehearsal.scenarios.scenario_loader import load_scenario, load_world_document
from leeward.rehearsal.server.hosting.on_demand_incidents import OnDemandIncidents, check_scenario
from leeward.rehearsal.server.hosting.served_executions import ServedExecutions
from leeward.rehearsal.server.hosting.user_totals import UserTotals
from leeward.rehearsal.worlds.world_builder import World, build_world
from leeward.state_machines.build import BuiltRunbook, build_runbooks
from leeward.twin.engine import Engine, cache_definitions_in
from leeward.twin.engine.host_process.time_machine_import import real_now

# A served world has no end of its own.
_HORIZON = timedelta(days=36_500)
# What the wire and the functions remember of calls, so that a world may be served for days.
_MAX_LOGGED_CALLS = 10_000
_TRIM_INTERVAL_SECONDS = 600


def load_served_world(
    root: Path, application: str, *, scenario: str | None = None, seed: int = 7, start: datetime | None = None
) -> ServedWorld:
    """The world of `application` of the project at `root`, with every runbook of its as a state machine.

    What the engine parses of them is kept in `build/parsed` of the project: it begins in half the time from then on.

    Without `scenario` nothing goes wrong until it is asked for. `start` is the virtual time at which it begins, by
    default the real time now, so that a client's own clock agrees. Raises LookupError for an application or scenario
    that does not exist, and state_machines.tree.InvalidDocuments.
    """
    cache_definitions_in(root / "build" / "parsed")
    readies = [r for r in build_runbooks(root / "runbooks") if r.application.application == application]
    if not readies:
        raise LookupError(f"there is no application {application} with a runbook in {root / 'runbooks'}")
    workloads = root / "workloads"
    told = load_world_document(workloads, application)
    chosen = load_scenario(workloads, application, scenario) if scenario else None
    return ServedWorld(readies, told, chosen, seed, start or datetime.now(UTC).replace(microsecond=0))


class ServedWorld:
    """`with ServedWorld(...) as served:`; one at a time per process. Raises incidents.Unfit for a scenario that names
    what the application does not have."""

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
        """Whether the application has a page that a browser can open."""
        return self._world_document.deployment is not None

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self.engine)
            self._build()
            self._exit_stack = opening.pop_all()
        return self

    def _build(self) -> None:
        regions = self.application.regions
        self.engine.interceptor.set_signature_clock(real_now)  # a client's clock is not the twin's
        self.world: World = build_world(
            self.engine, self.application, self._world_document, origin=regions.primary, target=regions.standby
        )
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
