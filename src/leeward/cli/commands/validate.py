"""`leeward validate`: everything that is wrong with the documents, each with its place."""

from __future__ import annotations

import dataclasses
import json as json_module
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leeward.cli.exits import ExitCode
from leeward.cli.help import epilog, paragraphs
from leeward.cli.root import find_root
from leeward.cli.terminal import output
from leeward.cli.trouble import Trouble

if TYPE_CHECKING:
    from leeward.state_machines.checks.examine import Examined
    from leeward.state_machines.problems import Problem
    from leeward.state_machines.validate.documents import Checked

HELP = paragraphs(
    "Check the documents, and report every problem with its place.",
    """Each problem has its file, line and column, what is wrong, what was expected, and a hint where there is one. A
    file is checked against the application of its folder. Warnings are shown, but do not fail.""",
    """Then each runbook's state machine is checked without running it: every state can be reached and reaches an end,
    every loop has a bound, every failure is recorded, the lock is released or handed to a person, and the worst path
    stays within Step Functions' limits. Shown with it: that path's figures, and what calls another Region.""",
)
EPILOG = epilog(
    examples=[
        "leeward validate",
        "leeward validate runbooks/website/failover.yaml",
        "leeward validate --json | jq .errors",
        "leeward validate --json | jq '.machines[] | {runbook, worst}'",
    ],
    exit_codes="0 no problems, or warnings alone; 1 problems; 2 the command was misused.",
)


def validate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Files or folders; default: runbooks/ of the project."),
    ] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project's root; default: found from here upwards.")
    ] = None,
) -> None:
    """`leeward validate [PATH...]`: show every problem."""
    checked, documents = _check(paths or [], root)
    machines = _machines(checked)
    if json:
        sys.stdout.write(json_module.dumps(as_json(checked.problems, documents, machines), indent=2) + "\n")
    else:
        from leeward.cli.screens.machines import show_machines  # noqa: PLC0415 - imports the compiler
        from leeward.cli.screens.problems import show_problems, tally  # noqa: PLC0415 - imports the compiler's documents

        console = output()
        show_problems(console, checked.problems)
        show_machines(console, machines)
        console.print(tally(checked.problems, documents))
    found = checked.errors or any(machine.findings for machine in machines)
    raise typer.Exit(ExitCode.FOUND if found else ExitCode.WELL)


def _machines(checked: Checked) -> list[Examined]:
    """Each runbook's machine, examined; none while a document has an error."""
    from leeward.state_machines.checks.examine import examine  # noqa: PLC0415 - only when it is to run
    from leeward.state_machines.compile.machine import compile_runbook  # noqa: PLC0415

    if checked.errors:
        return []
    return [
        examine(compile_runbook(folder.application.model, runbook.model))
        for folder in checked.folders
        if folder.application is not None
        for runbook in folder.runbooks
    ]


def as_json(problems: Sequence[Problem], documents: int, machines: Sequence[Examined] = ()) -> dict[str, object]:
    """The twin of the screen: `{documents, errors, warnings, problems: [{path, ...}], machines: [{runbook, ...}]}`."""
    from leeward.cli.screens import machines as screen  # noqa: PLC0415 - imports the compiler

    listed = [{**dataclasses.asdict(p), "path": str(p.path), "severity": str(p.severity)} for p in problems]
    severities = [p["severity"] for p in listed]
    return {
        "documents": documents,
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "problems": listed,
        "machines": [screen.as_json(machine) for machine in machines],
    }


def _check(paths: Sequence[Path], root: Path | None) -> tuple[Checked, int]:
    """What was found, and in how many documents it was looked for."""
    from leeward.state_machines.validate.documents import check_paths, check_tree  # noqa: PLC0415 - only when it is to run

    for path in paths:
        if not path.exists():
            raise Trouble(f"there is no file or folder {path}", ["Give files or folders of documents, or nothing"])
    if paths:
        return check_paths(paths), len(set(_documents(paths)))
    runbooks = find_root(root) / "runbooks"
    return check_tree(runbooks), len(set(_documents([runbooks])))


def _documents(paths: Sequence[Path]) -> list[Path]:
    return [file for path in paths for file in (path.rglob("*.yaml") if path.is_dir() else [path])]
