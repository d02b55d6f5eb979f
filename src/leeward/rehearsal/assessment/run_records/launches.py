"""The servers that a run was to launch, those that it launched, and what its journal says about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from leeward.common.claims.all_claims import find_claims
from leeward.common.claims.types.server_claims import Launched
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.rehearsal.invariants.run_record import ExpectedLaunch, LaunchRecord
from leeward.rehearsal.results.result_models import RunStepStatus, StepReport
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.state_machines.step_kinds.step_effects import Launch


def expected_launches(session: RehearsalSession, run: RehearsedRun) -> frozenset[ExpectedLaunch]:
    """Return the servers of the groups that the runbook's steps launch, in the Region of each step."""
    return frozenset(
        launch
        for step in run.ready.runbook.steps
        for effect in [step.find_effect(Launch)]
        if effect is not None
        for group in effect.groups
        for launch in _launches_of(session, run, effect, group)
    )


def launch_records(session: RehearsalSession, run: RehearsedRun) -> list[LaunchRecord]:
    """Return every launch of a source server since the run began, whoever started it.

    That is each launch of a DRS job, and each EC2 instance that no job launched but that carries a server's tags.
    """
    return [*_job_launches(session, run.started_at), *_instances_without_job(session, run.started_at)]


def launches_taken_over(session: RehearsalSession, run: RehearsedRun) -> list[LaunchRecord]:
    """Return the launches between the start of the first run in the takeover chain and the start of this run."""
    since = min((one.started_at for one in _predecessors(session, run)), default=run.started_at)
    return [launch for launch in _job_launches(session, since) if launch.launched_at < run.started_at]


def admitted_failures(
    session: RehearsalSession, run: RehearsedRun, journal: Sequence[JournalEntry]
) -> frozenset[ExpectedLaunch]:
    """Return the expected launches that the journal says did not happen.

    A skipped step launches nothing. A failed step's entry names the servers in a typed claim. Without a claim, the
    failed call was for a whole group, or the group's turn never came. Other entries don't count, whatever they mention.
    """
    return frozenset(
        launch
        for step, report, info in zip(
            run.ready.runbook.steps, run.progress.steps, run.ready.compiled.steps, strict=True
        )
        for effect in [step.find_effect(Launch)]
        if effect is not None
        for group in effect.groups
        for launch in _launches_of(session, run, effect, group)
        if _is_admitted(launch, group, report, [entry for entry in journal if entry.step == info.id], session)
    )


def _launches_of(session: RehearsalSession, run: RehearsedRun, effect: Launch, group: str) -> Iterator[ExpectedLaunch]:
    region = run.way.region(effect.side)
    return (ExpectedLaunch(name, region) for name in session.server_names(group))


def _is_admitted(
    launch: ExpectedLaunch,
    group: str,
    report: StepReport,
    entries: Sequence[JournalEntry],
    session: RehearsalSession,
) -> bool:
    if report.status is RunStepStatus.SKIPPED:
        return True
    failures = [entry for entry in entries if entry.event is JournalEvent.STEP_FAILED]
    if not failures:
        return False
    named = {
        name
        for entry in failures
        for claim in find_claims(entry.facts, Launched)
        for server in claim.servers
        if server.instance is None
        for name in (server.name, session.server_name(server.id))
    }
    if launch.server in named:
        return True
    if any(claim.group == group for entry in failures for claim in find_claims(entry.facts, Launched)):
        return False
    part = next((part for part in report.parts if part.name == group), None)
    # Without a part, the step failed as a whole, or before it came to this group.
    return part is None or part.status is RunStepStatus.FAILED


def _predecessors(session: RehearsalSession, run: RehearsedRun) -> Iterator[RehearsedRun]:
    runs = {one.id: one for one in session.runs}
    seen, taken_over = {run.id}, run.run_input.get("take_over")
    while taken_over in runs and taken_over not in seen:
        seen.add(taken_over)
        yield runs[taken_over]
        taken_over = runs[taken_over].run_input.get("take_over")


def _job_launches(session: RehearsalSession, since: datetime) -> Iterator[LaunchRecord]:
    for region in session.application.regions.both:
        for job in session.world.drs.jobs(region):
            for participant in job.participants if job.kind == "LAUNCH" and job.created_at >= since else ():
                # A launch that hasn't ended when the run ends counts too.
                at = participant.ended_at or job.created_at
                yield LaunchRecord(
                    session.server_name(participant.server_id), region, job.job_id, job.tags.get("leeward:run"),
                    at, participant.ended_at is None or participant.status == "LAUNCHED",
                    _termination_requested_at(session, region, participant.server_id, at),
                )  # fmt: skip


def _instances_without_job(session: RehearsalSession, since: datetime) -> Iterator[LaunchRecord]:
    launched_by_jobs = {machine.ec2_instance_id for machine in session.launched_instances}
    for region in session.application.regions.both:
        servers = {server.server_id: server.name for server in session.world.drs.servers(region)}
        for instance in session.world.instances.in_region(region):
            server = servers.get(instance.source_server or "")
            if server is None and instance.name in servers.values():
                server = instance.name
            is_new = instance.running_since is not None and instance.running_since >= since
            if server is not None and is_new and instance.id not in launched_by_jobs:
                yield LaunchRecord(server, region, instance.id, None, instance.running_since or since, True)


def _termination_requested_at(
    session: RehearsalSession, region: str, server: str, launched_at: datetime
) -> datetime | None:
    terminations = [
        job for job in session.world.drs.jobs(region) if job.kind == "TERMINATE" and job.created_at >= launched_at
    ]
    return min(
        (job.created_at for job in terminations if any(p.server_id == server for p in job.participants)), default=None
    )
