"""What is served: an application's world, the state machines of its runbooks, and users who keep calling it."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from leeward.state_machines.tree import Ready, ready_runbooks
from leeward.twin.engine import Engine, keep_parsed_in
from leeward.twin.engine.travel import real_now
from leeward.twin.library import scenario_of, world_of
from leeward.twin.server.incidents import Incidents, check_scenario
from leeward.twin.server.runs import Runs
from leeward.twin.server.users import Users
from leeward.twin.world import documents
from leeward.twin.world.build import World, build

# A served world has no end of its own.
_HORIZON = timedelta(days=36_500)
# What the wire and the functions remember of calls, so that a world may be served for days.
_REMEMBERED = 10_000
_TIDY_SECONDS = 600


def served_world(
    root: Path, application: str, *, scenario: str | None = None, seed: int = 7, start: datetime | None = None
) -> ServedWorld:
    """The world of `application` of the project at `root`, with every runbook of its as a state machine.

    What the engine parses of them is kept in `build/parsed` of the project: it begins in half the time from then on.

    Without `scenario` nothing goes wrong until it is asked for. `start` is the virtual time at which it begins, by
    default the real time now, so that a client's own clock agrees. Raises LookupError for an application or scenario
    that does not exist, and state_machines.tree.InvalidDocuments.
    """
    keep_parsed_in(root / "build" / "parsed")
    readies = [r for r in ready_runbooks(root / "runbooks") if r.application.application == application]
    if not readies:
        raise LookupError(f"there is no application {application} with a runbook in {root / 'runbooks'}")
    workloads = root / "workloads"
    told = world_of(workloads, application)
    chosen = scenario_of(workloads, application, scenario) if scenario else None
    return ServedWorld(readies, told, chosen, seed, start or datetime.now(UTC).replace(microsecond=0))


class ServedWorld:
    """`with ServedWorld(...) as served:`; one at a time per process. Raises incidents.Unfit for a scenario that names
    what the application does not have."""

    def __init__(
        self,
        readies: list[Ready],
        told: documents.WorldDocument,
        scenario: documents.Scenario | None,
        seed: int,
        start: datetime,
    ) -> None:
        self.readies, self.scenario, self._told = readies, scenario, told
        self.application = readies[0].application
        self.started_at = start
        if scenario is not None:
            check_scenario(self.application, scenario)
        self.engine = Engine(start, seed, self.application.account, _HORIZON)
        self._open = ExitStack()

    @property
    def has_page(self) -> bool:
        """Whether the application has a page that a browser can open."""
        return self._told.deployment is not None

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self.engine)
            self._build()
            self._open = opening.pop_all()
        return self

    def _build(self) -> None:
        regions = self.application.regions
        self.engine.wire.date_signatures_by(real_now)  # a client's clock is not the twin's
        self.world: World = build(
            self.engine, self.application, self._told, origin=regions.primary, target=regions.standby
        )
        self.users = Users(self.world.clients)
        inline = self.world.clients is None or self.world.clients.inline
        self.engine.clock.every(1, self.users.tick, name="users", inline=inline)
        self.engine.clock.every(_TIDY_SECONDS, self._tidy, name="tidy", inline=True)
        self.incidents = Incidents(self.world)
        self.runs = Runs(self.engine, self.readies)
        if self.scenario is not None:
            self.incidents.play(self.scenario)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def _tidy(self) -> None:
        del self.engine.wire.calls[:-_REMEMBERED]
        del self.engine.functions.invocations[:-_REMEMBERED]
