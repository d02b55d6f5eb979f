"""A run that a command was asked about: kept by a rehearsal, in a bundle, or in a journal on AWS or a served twin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from leeward.cli.errors.cli_error import CliError
from leeward.cli.project.project_root import format_path, list_applications
from leeward.common.errors import LeewardError
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEvent, read_chain
from leeward.evidence import storage
from leeward.evidence.from_journal.evidence_builder import ExternalFacts, build_evidence
from leeward.evidence.model import Evidence, ExecutionGraph
from leeward.evidence.signed_bundle import bundle_file
from leeward.evidence.source_versions import read_source_versions

if TYPE_CHECKING:
    from leeward.cli.connection.operator_session import OperatorSession
    from leeward.operations.aws_session import AwsSession

_RUN_ID_PARTS = 3


def find_evidence(session: OperatorSession, name: str) -> Evidence:
    """The evidence of the run `name`: its id, the name of a rehearsal's file, a path, or `latest`.

    On a twin what rehearsals have kept is left aside. Raises Trouble.
    """
    path = Path(name)
    try:
        if name.endswith(bundle_file.BUNDLE_SUFFIX):
            return read_bundle_evidence(path)
        if name.endswith(storage.EVIDENCE_SUFFIX):
            return storage.load_evidence(path)
        kept = None if session.is_on_twin else storage.find_evidence_file(get_rehearsals_folder(session.project), name)
        if kept is not None:
            return storage.load_evidence(kept)
        return _read_journal_evidence(session, name)
    except OSError as error:
        raise CliError(f"{name} can't be read: {error.strerror}") from error
    except LeewardError as error:
        raise CliError(str(error)) from error


def read_bundle_evidence(path: Path) -> Evidence:
    """The evidence in a bundle, as it is; whether it is true, `leeward verify` says. Raises InvalidInput, OSError."""
    opened = bundle_file.read_bundle(path)
    links = [ChainedEntry.model_validate_json(line) for line in opened.members[bundle_file.JOURNAL_MEMBER].splitlines()]
    return Evidence.model_validate_json(opened.members[bundle_file.EVIDENCE_MEMBER]).model_copy(
        update={"journal": links}
    )


def get_rehearsals_folder(project: Path) -> Path:
    """Where rehearsals leave their evidence."""
    return project / "build" / "rehearsals"


def _read_journal_evidence(session: OperatorSession, name: str) -> Evidence:
    application, runbook = _parse_run_id(session, name)
    silent: list[str] = []
    for region in session.list_regions_to_query(session.load_application(application)):
        try:
            links = read_chain(session.aws.open_table(region, application), name)
        except LeewardError as error:
            silent.append(f"{region}: {error}")
            continue
        if links:
            files = [session.project / "runbooks" / application / f"{each}.yaml" for each in ("application", runbook)]
            files.append(session.project / "state_machines" / "generated" / application / f"{runbook}.asl.json")
            external_facts = ExternalFacts(
                graph=_read_execution_graph(links, session.aws, region),
                versions=read_source_versions(session.project, files),
            )
            return build_evidence(name, links, external_facts)
    if silent:
        raise CliError(f"the journal of {name} was not found, and not everybody answered", silent)
    raise CliError(f"there is no run {name} in {application}'s journals", _suggest_runs(session))


def _parse_run_id(session: OperatorSession, name: str) -> tuple[str, str]:
    parts = name.split(".", _RUN_ID_PARTS - 1)
    if len(parts) != _RUN_ID_PARTS or parts[0] not in list_applications(session.project):
        raise CliError(f"there is no run {name!r}", _suggest_runs(session))
    return parts[0], parts[1]


def _suggest_runs(session: OperatorSession) -> list[str]:
    kept = [
        file.name.removesuffix(storage.EVIDENCE_SUFFIX)
        for file in storage.list_newest_first(get_rehearsals_folder(session.project))[:5]
    ]
    told = (
        [f"Rehearsals kept in {format_path(get_rehearsals_folder(session.project))}: {', '.join(kept)}"] if kept else []
    )
    looked = "the served twin" if session.is_on_twin else "AWS"
    return [*told, f"A run's id is APPLICATION.RUNBOOK.NAME, such as website.failover.2026-03-01 ({looked} was asked)"]


def _read_execution_graph(links: Sequence[ChainedEntry], aws: AwsSession, region: str) -> ExecutionGraph | None:
    """The way through the state machine, where Step Functions still knows it (for 90 days)."""
    from leeward.cli.run_evidence.execution_history import read_execution_graph  # noqa: PLC0415

    executions = [str(link.facts["execution"]) for link in links if link.event == JournalEvent.RUN_BEGAN]
    try:
        return read_execution_graph(aws.client("stepfunctions", region), executions[0]) if executions else None
    except LeewardError:
        return None
