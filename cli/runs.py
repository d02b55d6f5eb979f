"""A run that a command was asked about: kept by a rehearsal, in a bundle, or in a journal on AWS or a served twin."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.root import applications, shown
from cli.trouble import Trouble
from common import names
from common.aws import client
from common.errors import LeewardError
from common.table import Table
from control.chain import Link
from control.journal import Event, chain
from evidence import bundle, saved
from evidence.model import Evidence, Graph
from evidence.of_journal import Besides, evidence_of
from evidence.versions import versions_of

TWIN = "http://127.0.0.1:4590"
_PARTS_OF_A_RUN = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run's journal is asked for. `endpoint` is a served twin's; None is AWS, with the caller's credentials."""

    endpoint: str | None = None
    region: str | None = None

    @classmethod
    def chosen(cls, *, twin: bool, region: str | None) -> Place:
        """What --twin and --region say. A served twin takes any credentials, and boto3 wants some."""
        if not twin:
            return cls(None, region)
        for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            os.environ.setdefault(variable, "twin")
        return cls(os.environ.get("AWS_ENDPOINT_URL", TWIN), region)

    def client(self, service: str, region: str) -> Any:
        """A boto3 client there."""
        return client(service, region, endpoint_url=self.endpoint)


def find(project: Path, name: str, place: Place, *, live: bool) -> Evidence:
    """The evidence of the run `name`: its id, the name of a rehearsal's file, a path, or `latest`.

    `live` leaves what rehearsals have kept aside. Raises Trouble.
    """
    path = Path(name)
    try:
        if name.endswith(bundle.SUFFIX):
            return of_bundle(path)
        if name.endswith(saved.SUFFIX):
            return saved.load(path)
        kept = None if live else saved.find(rehearsals(project), name)
        if kept is not None:
            return saved.load(kept)
        return _live(project, name, place)
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


def _live(project: Path, name: str, place: Place) -> Evidence:
    application, runbook = _named(project, name, place)
    silent: list[str] = []
    for region in [place.region] if place.region else _regions(project, application):
        try:
            links = chain(Table(place.client("dynamodb", region), names.table(application)), name)
        except LeewardError as error:
            silent.append(f"{region}: {error}")
            continue
        if links:
            files = [project / "runbooks" / application / f"{each}.yaml" for each in ("application", runbook)]
            files.append(project / "state_machines" / "generated" / application / f"{runbook}.asl.json")
            besides = Besides(graph=_graph(links, place, region), versions=versions_of(project, files))
            return evidence_of(name, links, besides)
    if silent:
        raise Trouble(f"the journal of {name} was not found, and not everybody answered", silent)
    raise Trouble(f"there is no run {name} in {application}'s journals", _known(project, place))


def _named(project: Path, name: str, place: Place) -> tuple[str, str]:
    parts = name.split(".", _PARTS_OF_A_RUN - 1)
    if len(parts) != _PARTS_OF_A_RUN or parts[0] not in applications(project):
        raise Trouble(f"there is no run {name!r}", _known(project, place))
    return parts[0], parts[1]


def _known(project: Path, place: Place) -> list[str]:
    kept = [file.name.removesuffix(saved.SUFFIX) for file in saved.newest_first(rehearsals(project))[:5]]
    told = [f"Rehearsals kept in {shown(rehearsals(project))}: {', '.join(kept)}"] if kept else []
    looked = "the served twin" if place.endpoint else "AWS"
    return [*told, f"A run's id is APPLICATION.RUNBOOK.NAME, such as website.failover.2026-03-01 ({looked} was asked)"]


def _regions(project: Path, application: str) -> Sequence[str]:
    from state_machines.load.documents import load_application  # noqa: PLC0415 - only when it is to run

    loaded = load_application(project / "runbooks" / application / "application.yaml")
    if isinstance(loaded, list):
        raise Trouble(f"the documents of {application} have errors", ["leeward validate lists them"])
    regions = loaded.model.regions
    return (regions.standby, regions.primary)


def _graph(links: Sequence[Link], place: Place, region: str) -> Graph | None:
    """The way through the state machine, where Step Functions still knows it (for 90 days)."""
    from cli.execution import graph_of_execution  # noqa: PLC0415

    executions = [str(link.facts["execution"]) for link in links if link.event == Event.RUN_BEGAN]
    try:
        return graph_of_execution(place.client("stepfunctions", region), executions[0]) if executions else None
    except LeewardError:
        return None
