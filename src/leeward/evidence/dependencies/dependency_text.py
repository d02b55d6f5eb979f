"""The cells and the sentences of a dependency table, which the terminal and the generated page share."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.base.durations import format_duration
from leeward.evidence.dependencies.dependency_table import (
    DependencyTable,
    OperatorNeed,
    OutageTrial,
    Requirement,
    ServiceDependency,
)

HEADINGS = ("Service", "Region", "Whole run", "20 minutes", "Person")
"""The headings of `dependency_cells`."""
_PERSON = {
    OperatorNeed.NOT_ASKED: "",
    OperatorNeed.RETRY_ENOUGH: "retry was enough",
    OperatorNeed.RESUME_ENOUGH: "resume was enough",
    OperatorNeed.NEEDED: "needed",
}


def dependency_cells(row: ServiceDependency) -> tuple[str, ...]:
    """Return the cells of a row that has trials."""
    return (row.service, row.region, _describe_end(row.whole_run), _describe_end(row.short), _describe_person(row))


def list_details(table: DependencyTable) -> Iterator[str]:
    """Yield a sentence for each trial that asked a person, stopped, left out a step, or could not be played."""
    for row in table.dependencies:
        for trial in row.trials:
            facts = "; ".join(_list_facts(trial))
            if facts:
                yield f"{row.service} in {row.region}, {_describe_outage(trial)}: {facts}"


def list_uncalled(table: DependencyTable) -> str:
    """Return the services that the run calls in no trial, with their Regions, or an empty string."""
    regions_by_service: dict[str, list[str]] = {}
    for row in table.with_requirement(Requirement.NOT_CALLED):
        regions_by_service.setdefault(row.service, []).append(row.region)
    return "; ".join(f"{service} in {', '.join(regions)}" for service, regions in regions_by_service.items())


def list_required(table: DependencyTable) -> str:
    """Return the required services by Region, such as `us-west-2: drs, ec2`, or an empty string."""
    services_by_region: dict[str, list[str]] = {}
    for row in table.with_requirement(Requirement.REQUIRED):
        services_by_region.setdefault(row.region, []).append(row.service)
    return "; ".join(f"{region}: {', '.join(services)}" for region, services in services_by_region.items())


def _describe_outage(trial: OutageTrial) -> str:
    return "whole run" if trial.outage_seconds is None else format_duration(trial.outage_seconds)


def _describe_end(trial: OutageTrial | None) -> str:
    """Return how the run ended: its delay, that the outage failed no call, or that it stopped or missed its goal."""
    if trial is None:
        return ""
    if not trial.outcome:
        return "not played"
    if not trial.failed_calls and trial.reached_goal:
        return "no call"
    if trial.reached_goal:
        # A run can also end some seconds earlier, because its polls meet other moments.
        return f"+{format_duration(max(0.0, trial.delay_seconds or 0.0))}"
    return "misses goal" if trial.outcome == "succeeded" else "stops"


def _describe_person(row: ServiceDependency) -> str:
    """Return whether the 20-minute outage needed a person, or else the whole outage if the run reached its goal."""
    short, whole = row.short, row.whole_run
    if short is not None and short.operator is not OperatorNeed.NOT_ASKED:
        return _PERSON[short.operator]
    return _PERSON[whole.operator] if whole is not None and whole.reached_goal else ""


def _list_facts(trial: OutageTrial) -> Iterator[str]:
    if not trial.outcome:
        yield f"not played: {trial.error}"
        return
    for question in trial.questions:
        answers = [f"retry {question.retries}x"] if question.retries else []
        answers += [f"skip {question.skips}x"] if question.skips else []
        yield f"asked at {question.step!r} (answered {', '.join(answers) or 'too late'})"
    if trial.outcome != "succeeded":
        # Of a lasting outage, the step says enough: the error is that of the service.
        where = f" at {trial.failed_step!r}" if trial.failed_step else ""
        why = "" if trial.failed_step and trial.outage_seconds is None else f": {trial.error}"
        yield f"stopped{where}{why}"
    if trial.resumed:
        yield f"reached its goal when resumed after the outage, {format_duration(trial.delay_seconds or 0)} later"
    elif trial.outcome == "succeeded":
        yield from (f"left out {step}" for step in trial.unmet_steps)
        yield from trial.differences[:1]
