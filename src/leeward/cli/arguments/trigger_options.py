"""Resolve the `--trigger` and `--templates` options of a rehearsal."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from leeward.cli.arguments.argument_resolution import TriggeredStart
from leeward.cli.errors.cli_error import CliError

_DEFAULT_ENVIRONMENT = "example"


class TriggerKind(StrEnum):
    """The trigger that starts the run."""

    ALARM = "alarm"
    SCHEDULE = "schedule"
    CONSOLE = "console"


def resolve_trigger(
    project: Path, application: str, trigger: TriggerKind | None, templates: Path | None
) -> TriggeredStart | None:
    """Return the trigger and the folder of its templates, or None without a trigger.

    Raises CliError when the templates don't exist, with the commands that synthesize them.
    """
    if trigger is None:
        if templates is not None:
            raise CliError("--templates requires --trigger", ["For example: leeward rehearse website --trigger alarm"])
        return None
    folder = templates or project / "build" / "cdk.out" / f"{application}-{_DEFAULT_ENVIRONMENT}"
    if not (folder / "manifest.json").is_file():
        shown = folder.relative_to(project) if folder.is_relative_to(project) else folder
        raise CliError(
            f"there are no synthesized templates in {shown}",
            [f"To write them, run make synth APP={application}, and then run this command again",
             f"To do both, run make rehearse APP={application} TRIGGER={trigger}"],
        )  # fmt: skip
    return TriggeredStart(trigger, folder.resolve())


def find_triggered_runbook(project: Path, application: str, trigger: TriggerKind | None) -> str | None:
    """Return the name of the runbook that has an alarm or a schedule, or None for other triggers.

    Raises CliError when no runbook of the application has such a trigger or the documents have errors.
    """
    if trigger is None or trigger is TriggerKind.CONSOLE:
        return None
    from leeward.state_machines.build import InvalidDocuments, build_runbooks  # noqa: PLC0415 - takes a moment
    from leeward.state_machines.deployment.trigger_definitions import get_alarm, get_schedule  # noqa: PLC0415

    get_trigger = get_alarm if trigger is TriggerKind.ALARM else get_schedule
    try:
        runbooks = build_runbooks(project / "runbooks")
    except InvalidDocuments as invalid:
        raise CliError(
            "the documents have errors: nothing was rehearsed", ["Correct the errors above, and run the command again"]
        ) from invalid
    for built in runbooks:
        if built.application.application == application and get_trigger(built.runbook) is not None:
            return built.runbook.runbook
    raise CliError(
        f"no runbook of {application} has {'an alarm' if trigger is TriggerKind.ALARM else 'a schedule'}",
        ["Add one to a runbook, under `triggers`. See docs/triggers.md"],
    )
