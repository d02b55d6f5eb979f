"""What starts a rehearsal, where it is not just begun: its trigger, and the synthesised templates that deploy it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from leeward.cli.asked import StartedBy
from leeward.cli.trouble import Trouble

_DEFAULT_ENVIRONMENT = "example"


class Started(StrEnum):
    """By what."""

    ALARM = "alarm"
    SCHEDULE = "schedule"
    CONSOLE = "console"


def starts(project: Path, application: str, trigger: Started | None, templates: Path | None) -> StartedBy | None:
    """The trigger, with templates that are there. Raises Trouble that says how to make them."""
    if trigger is None:
        if templates is not None:
            raise Trouble("--templates goes with --trigger", ["For example: leeward rehearse website --trigger alarm"])
        return None
    folder = templates or project / "build" / "cdk.out" / f"{application}-{_DEFAULT_ENVIRONMENT}"
    if not (folder / "manifest.json").is_file():
        shown = folder.relative_to(project) if folder.is_relative_to(project) else folder
        raise Trouble(
            f"there are no synthesised templates in {shown}",
            [f"make synth APP={application} writes them, and then this works again",
             f"make rehearse APP={application} TRIGGER={trigger} does both"],
        )  # fmt: skip
    return StartedBy(trigger, folder.resolve())


def triggered_runbook(project: Path, application: str, trigger: Started | None) -> str | None:
    """The runbook that has such a trigger, where it decides. Raises Trouble."""
    if trigger is None or trigger is Started.CONSOLE:
        return None
    from leeward.state_machines.tree import InvalidDocuments, ready_runbooks  # noqa: PLC0415 - takes a moment
    from leeward.state_machines.triggers import alarm_of, schedule_of  # noqa: PLC0415

    has = alarm_of if trigger is Started.ALARM else schedule_of
    try:
        readies = ready_runbooks(project / "runbooks")
    except InvalidDocuments as invalid:
        raise Trouble("the documents have errors: nothing was rehearsed", ["leeward validate lists them"]) from invalid
    for ready in readies:
        if ready.application.application == application and has(ready.runbook) is not None:
            return ready.runbook.runbook
    raise Trouble(
        f"no runbook of {application} has {'an alarm' if trigger is Started.ALARM else 'a schedule'}",
        ["Add one to a runbook, under `triggers`: docs/triggers.md"],
    )
