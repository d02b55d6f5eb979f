"""What starts a rehearsal, where it is not just begun: its trigger, and the synthesised templates that deploy it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from leeward.cli.arguments.argument_resolution import TriggeredStart
from leeward.cli.errors.cli_error import CliError

_DEFAULT_ENVIRONMENT = "example"


class TriggerKind(StrEnum):
    """By what."""

    ALARM = "alarm"
    SCHEDULE = "schedule"
    CONSOLE = "console"


def resolve_trigger(
    project: Path, application: str, trigger: TriggerKind | None, templates: Path | None
) -> TriggeredStart | None:
    """The trigger, with templates that are there. Raises Trouble that says how to make them."""
    if trigger is None:
        if templates is not None:
            raise CliError("--templates goes with --trigger", ["For example: leeward rehearse website --trigger alarm"])
        return None
    folder = templates or project / "build" / "cdk.out" / f"{application}-{_DEFAULT_ENVIRONMENT}"
    if not (folder / "manifest.json").is_file():
        shown = folder.relative_to(project) if folder.is_relative_to(project) else folder
        raise CliError(
            f"there are no synthesised templates in {shown}",
            [f"make synth APP={application} writes them, and then this works again",
             f"make rehearse APP={application} TRIGGER={trigger} does both"],
        )  # fmt: skip
    return TriggeredStart(trigger, folder.resolve())


def find_triggered_runbook(project: Path, application: str, trigger: TriggerKind | None) -> str | None:
    """The runbook that has such a trigger, where it decides. Raises Trouble."""
    if trigger is None or trigger is TriggerKind.CONSOLE:
        return None
    from leeward.state_machines.build import InvalidDocuments, build_runbooks  # noqa: PLC0415 - takes a moment
    from leeward.state_machines.deployment.trigger_definitions import get_alarm, get_schedule  # noqa: PLC0415

    has = get_alarm if trigger is TriggerKind.ALARM else get_schedule
    try:
        readies = build_runbooks(project / "runbooks")
    except InvalidDocuments as invalid:
        raise CliError("the documents have errors: nothing was rehearsed", ["leeward validate lists them"]) from invalid
    for ready in readies:
        if ready.application.application == application and has(ready.runbook) is not None:
            return ready.runbook.runbook
    raise CliError(
        f"no runbook of {application} has {'an alarm' if trigger is TriggerKind.ALARM else 'a schedule'}",
        ["Add one to a runbook, under `triggers`: docs/triggers.md"],
    )
