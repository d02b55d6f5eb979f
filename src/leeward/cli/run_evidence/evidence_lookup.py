"""Find the evidence of a run in saved rehearsals, in a bundle, or in a journal on AWS or a served twin."""

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
    """Return the evidence of a run. `name` is a run ID, a saved rehearsal's file name, a path, or `latest`.

    Ignores saved rehearsals in a session on a served twin. Raises CliError when there is no such run.
    """
    path = Path(name)
    try:
        if name.endswith(bundle_file.BUNDLE_SUFFIX):
            return read_bundle_evidence(path)
        if name.endswith(storage.EVIDENCE_SUFFIX):
            return storage.load_evidence(path)
        saved = None if session.is_on_twin else storage.find_evidence_file(get_rehearsals_folder(session.project), name)
        if saved is not None:
            return storage.load_evidence(saved)
        return _read_journal_evidence(session, name)
    except OSError as error:
        raise CliError(f"{name} can't be read: {error.strerror}") from error
    except LeewardError as error:
        raise CliError(str(error)) from error


def read_bundle_evidence(path: Path) -> Evidence:
    """Return the evidence in a bundle without verifying it. Raises InvalidInput or OSError."""
    bundle = bundle_file.read_bundle(path)
    links = [ChainedEntry.model_validate_json(line) for line in bundle.members[bundle_file.JOURNAL_MEMBER].splitlines()]
    return Evidence.model_validate_json(bundle.members[bundle_file.EVIDENCE_MEMBER]).model_copy(
        update={"journal": links}
    )


def get_rehearsals_folder(project: Path) -> Path:
    """Return the folder where rehearsals save their evidence."""
    return project / "build" / "rehearsals"


def _read_journal_evidence(session: OperatorSession, name: str) -> Evidence:
    application, runbook = _parse_run_id(session, name)
    unavailable: list[str] = []
    for region in session.list_regions_to_query(session.load_application(application)):
        try:
            links = read_chain(session.aws.open_table(region, application), name)
        except LeewardError as error:
            unavailable.append(f"{region}: {error}")
            continue
        if links:
            files = [session.project / "runbooks" / application / f"{each}.yaml" for each in ("application", runbook)]
            files.append(session.project / "state_machines" / "generated" / application / f"{runbook}.asl.json")
            external_facts = ExternalFacts(
                graph=_read_execution_graph(links, session.aws, region),
                versions=read_source_versions(session.project, files),
            )
            return build_evidence(name, links, external_facts)
    if unavailable:
        raise CliError(f"the journal of {name} was not found, and some Regions did not respond", unavailable)
    raise CliError(f"there is no run {name} in {application}'s journals", _suggest_runs(session))


def _parse_run_id(session: OperatorSession, name: str) -> tuple[str, str]:
    parts = name.split(".", _RUN_ID_PARTS - 1)
    if len(parts) != _RUN_ID_PARTS or parts[0] not in list_applications(session.project):
        raise CliError(f"there is no run {name!r}", _suggest_runs(session))
    return parts[0], parts[1]


def _suggest_runs(session: OperatorSession) -> list[str]:
    saved = [
        file.name.removesuffix(storage.EVIDENCE_SUFFIX)
        for file in storage.list_newest_first(get_rehearsals_folder(session.project))[:5]
    ]
    folder = format_path(get_rehearsals_folder(session.project))
    rehearsals = [f"Rehearsals saved in {folder}: {', '.join(saved)}"] if saved else []
    source = "the served twin" if session.is_on_twin else "AWS"
    return [
        *rehearsals,
        f"Searched {source}. A run ID is APPLICATION.RUNBOOK.NAME, such as website.failover.2026-03-01",
    ]


def _read_execution_graph(links: Sequence[ChainedEntry], aws: AwsSession, region: str) -> ExecutionGraph | None:
    """Return the execution's path through the state machine, or None after Step Functions deleted it (90 days)."""
    from leeward.cli.run_evidence.execution_history import read_execution_graph  # noqa: PLC0415

    executions = [str(link.facts["execution"]) for link in links if link.event == JournalEvent.RUN_BEGAN]
    try:
        return read_execution_graph(aws.client("stepfunctions", region), executions[0]) if executions else None
    except LeewardError:
        return None
