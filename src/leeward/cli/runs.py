"""A run that a command was asked about: kept by a rehearsal, in a bundle, or in a journal on AWS or a served twin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from leeward.cli.root import applications, shown
from leeward.cli.trouble import Trouble
from leeward.common.errors import LeewardError
from leeward.control.chain import Link
from leeward.control.journal import Event, chain
from leeward.evidence import bundle, saved
from leeward.evidence.model import Evidence, Graph
from leeward.evidence.of_journal import Besides, evidence_of
from leeward.evidence.versions import versions_of

if TYPE_CHECKING:
    from leeward.cli.operating import Desk
    from leeward.operations.reach import Reach

_PARTS_OF_A_RUN = 3


def find(at: Desk, name: str) -> Evidence:
    """The evidence of the run `name`: its id, the name of a rehearsal's file, a path, or `latest`.

    On a twin what rehearsals have kept is left aside. Raises Trouble.
    """
    path = Path(name)
    try:
        if name.endswith(bundle.SUFFIX):
            return of_bundle(path)
        if name.endswith(saved.SUFFIX):
            return saved.load(path)
        kept = None if at.on_a_twin else saved.find(rehearsals(at.project), name)
        if kept is not None:
            return saved.load(kept)
        return _live(at, name)
    except OSError as error:
        raise Trouble(f"{name} can't be read: {error.strerror}") from error
    except LeewardError as error:
        raise Trouble(str(error)) from error


def of_bundle(path: Path) -> Evidence:
    """The evidence in a bundle, as it is; whether it is true, `leeward verify` says. Raises InvalidInput, OSError."""
    opened = bundle.read(path)
    links = [Link.model_validate_json(line) for line in opened.members[bundle.JOURNAL].splitlines()]
    return Evidence.model_validate_json(opened.members[bundle.EVIDENCE]).model_copy(update={"journal": links})


def rehearsals(project: Path) -> Path:
    """Where rehearsals leave their evidence."""
    return project / "build" / "rehearsals"


def _live(at: Desk, name: str) -> Evidence:
    application, runbook = _named(at, name)
    silent: list[str] = []
    for region in at.regions(at.application(application)):
        try:
            links = chain(at.reach.table(region, application), name)
        except LeewardError as error:
            silent.append(f"{region}: {error}")
            continue
        if links:
            files = [at.project / "runbooks" / application / f"{each}.yaml" for each in ("application", runbook)]
            files.append(at.project / "state_machines" / "generated" / application / f"{runbook}.asl.json")
            besides = Besides(graph=_graph(links, at.reach, region), versions=versions_of(at.project, files))
            return evidence_of(name, links, besides)
    if silent:
        raise Trouble(f"the journal of {name} was not found, and not everybody answered", silent)
    raise Trouble(f"there is no run {name} in {application}'s journals", _known(at))


def _named(at: Desk, name: str) -> tuple[str, str]:
    parts = name.split(".", _PARTS_OF_A_RUN - 1)
    if len(parts) != _PARTS_OF_A_RUN or parts[0] not in applications(at.project):
        raise Trouble(f"there is no run {name!r}", _known(at))
    return parts[0], parts[1]


def _known(at: Desk) -> list[str]:
    kept = [file.name.removesuffix(saved.SUFFIX) for file in saved.newest_first(rehearsals(at.project))[:5]]
    told = [f"Rehearsals kept in {shown(rehearsals(at.project))}: {', '.join(kept)}"] if kept else []
    looked = "the served twin" if at.on_a_twin else "AWS"
    return [*told, f"A run's id is APPLICATION.RUNBOOK.NAME, such as website.failover.2026-03-01 ({looked} was asked)"]


def _graph(links: Sequence[Link], reach: Reach, region: str) -> Graph | None:
    """The way through the state machine, where Step Functions still knows it (for 90 days)."""
    from leeward.cli.execution import graph_of_execution  # noqa: PLC0415

    executions = [str(link.facts["execution"]) for link in links if link.event == Event.RUN_BEGAN]
    try:
        return graph_of_execution(reach.client("stepfunctions", region), executions[0]) if executions else None
    except LeewardError:
        return None
