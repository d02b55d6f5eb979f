"""`leeward validate`: everything that is wrong with the documents, each with its place."""

from __future__ import annotations

import dataclasses
import json as json_module
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.project_root import find_project_root
from leeward.cli.rendering.terminal import create_stdout_console

if TYPE_CHECKING:
    from leeward.state_machines.checks.machine_report import MachineReport
    from leeward.state_machines.diagnostics.problems import DocumentProblem
    from leeward.state_machines.validate.document_validation import ValidationResult

HELP = join_paragraphs(
    "Check the documents, and report every problem with its place.",
    """Each problem has its file, line and column, what is wrong, what was expected, and a hint where there is one. A
    file is checked against the application of its folder. Warnings are shown, but do not fail.""",
    """Then each runbook's state machine is checked without running it: every state can be reached and reaches an end,
    every loop has a bound, every failure is recorded, the lock is released or handed to a person, and the worst path
    stays within Step Functions' limits. Shown with it: that path's figures, and what calls another Region.""",
)
EPILOG = build_epilog(
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
    checked, documents = _check_documents(paths or [], root)
    machines = _examine_machines(checked)
    if json:
        sys.stdout.write(
            json_module.dumps(build_validation_json(checked.problems, documents, machines), indent=2) + "\n"
        )
    else:
        from leeward.cli.screens.machine_checks import show_machines  # noqa: PLC0415 - imports the compiler
        from leeward.cli.screens.problems import format_tally, show_problems  # noqa: PLC0415 - imports the compiler's documents

        console = create_stdout_console()
        show_problems(console, checked.problems)
        show_machines(console, machines)
        console.print(format_tally(checked.problems, documents))
    found = checked.errors or any(machine.findings for machine in machines)
    raise typer.Exit(ExitCode.ISSUES_FOUND if found else ExitCode.SUCCESS)


def _examine_machines(checked: ValidationResult) -> list[MachineReport]:
    """Each runbook's machine, examined; none while a document has an error."""
    from leeward.state_machines.checks.machine_report import check_machine  # noqa: PLC0415 - only when it is to run
    from leeward.state_machines.compile.runbook_compiler import compile_runbook  # noqa: PLC0415

    if checked.errors:
        return []
    return [
        check_machine(compile_runbook(folder.application.model, runbook.model))
        for folder in checked.folders
        if folder.application is not None
        for runbook in folder.runbooks
    ]


def build_validation_json(
    problems: Sequence[DocumentProblem], documents: int, machines: Sequence[MachineReport] = ()
) -> dict[str, object]:
    """The twin of the screen: `{documents, errors, warnings, problems: [{path, ...}], machines: [{runbook, ...}]}`."""
    from leeward.cli.screens import machine_checks as screen  # noqa: PLC0415 - imports the compiler

    listed = [{**dataclasses.asdict(p), "path": str(p.path), "severity": str(p.severity)} for p in problems]
    severities = [p["severity"] for p in listed]
    return {
        "documents": documents,
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "problems": listed,
        "machines": [screen.machine_to_json(machine) for machine in machines],
    }


def _check_documents(paths: Sequence[Path], root: Path | None) -> tuple[ValidationResult, int]:
    """What was found, and in how many documents it was looked for."""
    from leeward.state_machines.validate.document_validation import validate_paths, validate_tree  # noqa: PLC0415 - only when it is to run

    for path in paths:
        if not path.exists():
            raise CliError(f"there is no file or folder {path}", ["Give files or folders of documents, or nothing"])
    if paths:
        return validate_paths(paths), len(set(_list_documents(paths)))
    runbooks = find_project_root(root) / "runbooks"
    return validate_tree(runbooks), len(set(_list_documents([runbooks])))


def _list_documents(paths: Sequence[Path]) -> list[Path]:
    return [file for path in paths for file in (path.rglob("*.yaml") if path.is_dir() else [path])]
