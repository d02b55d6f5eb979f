"""Computes the dependencies of a runbook: the clean run, then two trials for each service in each Region.

The session stands at the start of the run, and each trial is a process that is forked from it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from leeward.evidence.dependencies.dependency_table import DependencyTable, OutageTrial, ServiceDependency
from leeward.evidence.dependencies.input_digest import digest_inputs
from leeward.rehearsal.dependencies.clean_run import (
    CleanRun,
    ServiceInRegion,
    open_session_at_start,
    play_clean_run,
)
from leeward.rehearsal.dependencies.outage_trial import SHORT_OUTAGE, PlannedOutage, play_outage_trial
from leeward.rehearsal.processes.forked_calls import call_in_forks
from leeward.rehearsal.processes.silent_output import stdout_silenced
from leeward.rehearsal.runner.single_rehearsal import prepare_rehearsal
from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse
from leeward.twin.errors import TwinError
from leeward.twin.interception.calls.operation_names import resolve_service
from leeward.twin.interception.calls.service_regions import check_region_name

# Services that AWS calls for the run, although no function calls their APIs.
_IMPLIED_SERVICES = ("kms", "logs", "stepfunctions", "xray")
# Real time. A trial that takes longer hangs, and its process is ended.
_TRIAL_TIMEOUT_SECONDS = 600
_NOT_PLAYED = "its process ended without a result: it timed out or crashed"


class NoSuchDependency(LookupError):
    """Raised when the run calls no such service in such a Region."""


@dataclass(frozen=True, slots=True)
class DependencyRequest:
    """The runbook whose dependencies to compute. `service` and `region` limit the rows. `jobs` trials run at once."""

    root: Path
    application: str
    runbook: str
    seed: int = 7
    service: str | None = None
    region: str | None = None
    jobs: int = 1


OnTrial = Callable[[PlannedOutage, OutageTrial, int, int], object]


def compute_dependencies(request: DependencyRequest, on_trial: OnTrial = lambda *_: None) -> DependencyTable:
    """Return the table. `on_trial` is called with each outage, its trial, and how many of all trials have ended.

    Raises UnknownService or UnknownRegion when AWS has none with that name, CannotRehearse when the run can't be
    rehearsed or fails without an outage, NoSuchDependency when no row has the service and the Region, LookupError when
    there is no such runbook, and InvalidDocuments when a document has an error.
    """
    request = _with_checked_names(request)
    prepared = prepare_rehearsal(request.root, request.application, request.runbook)
    try:
        with stdout_silenced():
            clean = play_clean_run(prepared, request.seed)
        chosen = [
            each for each in _list_rows(clean, prepared.ready.application.regions.both) if _matches(request, each)
        ]
        if not chosen:
            raise NoSuchDependency(_describe_missing(request, clean))
        outages = [
            PlannedOutage(service, region, duration)
            for service, region in chosen
            if clean.calls[service, region]
            for duration in (None, SHORT_OUTAGE)
        ]
        trials: dict[PlannedOutage, OutageTrial] = {}

        def add(outage: PlannedOutage, text: str | None) -> None:
            trials[outage] = _read_trial(outage, text)
            on_trial(outage, trials[outage], len(trials), len(outages))

        with ExitStack() as opened:
            with stdout_silenced():
                session = opened.enter_context(open_session_at_start(prepared, request.seed))
            call_in_forks(
                lambda outage: _play(lambda: play_outage_trial(session, prepared.ready, outage, clean)),
                outages,
                request.jobs,
                add,
                timeout_seconds=_TRIAL_TIMEOUT_SECONDS,
                fork=session.engine.fork,
            )
    except TwinError as error:
        raise CannotRehearse(f"the simulation stopped: {error}") from error
    return DependencyTable(
        application=request.application,
        runbook=request.runbook,
        scenario=prepared.scenario_document.scenario,
        seed=request.seed,
        inputs=digest_inputs(request.root, request.application),
        clean_seconds=round(clean.seconds, 1),
        dependencies=[
            ServiceDependency(
                service=service,
                region=region,
                calls=clean.calls[service, region],
                whole_run=trials.get(PlannedOutage(service, region, None)),
                short=trials.get(PlannedOutage(service, region, SHORT_OUTAGE)),
            )
            for service, region in chosen
        ],
    )


def _with_checked_names(request: DependencyRequest) -> DependencyRequest:
    """Return the request with boto3's name of the service."""
    if request.region is not None:
        check_region_name(request.region)
    return request if request.service is None else replace(request, service=resolve_service(request.service))


def _list_rows(clean: CleanRun, regions: Sequence[str]) -> list[ServiceInRegion]:
    """Return each service that is called, in the application's Regions and where it is called, by service."""
    return sorted({*clean.calls, *_uncalled(clean, regions)})


def _uncalled(clean: CleanRun, regions: Sequence[str]) -> Iterator[ServiceInRegion]:
    # A cluster's endpoints are in Regions of their own.
    called = {service for service, _ in clean.calls if service != "route53-recovery-cluster"}
    for region in regions:
        yield from ((service, region) for service in called if (service, region) not in clean.calls)
    yield from ((service, clean.run_region) for service in _IMPLIED_SERVICES)


def _matches(request: DependencyRequest, row: ServiceInRegion) -> bool:
    return request.service in (None, row[0]) and request.region in (None, row[1])


def _describe_missing(request: DependencyRequest, clean: CleanRun) -> str:
    named = " in ".join(name for name in (request.service or "any service", request.region) if name)
    called = ", ".join(f"{service} in {region}" for service, region in sorted(clean.calls))
    return f"{request.application} {request.runbook} does not call {named}. It calls {called}"


def _play(play: Callable[[], OutageTrial]) -> str:
    """Return the trial as JSON, or else what stopped it as a JSON string."""
    try:
        return play().model_dump_json()
    except Exception as error:  # a defect in one trial must not end the others
        return json.dumps(" ".join(f"{type(error).__name__}: {error}".split()))


def _read_trial(outage: PlannedOutage, text: str | None) -> OutageTrial:
    found = json.loads(text) if text else _NOT_PLAYED
    if isinstance(found, str):
        seconds = None if outage.duration is None else int(outage.duration.total_seconds())
        return OutageTrial(outage_seconds=seconds, error=found)
    return OutageTrial.model_validate(found)
