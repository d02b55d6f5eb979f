"""`leeward validate`: check the documents and the generated state machines, and list every problem."""

from __future__ import annotations

import dataclasses
import json as json_module
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leeward.base.installation.project_folders import ProjectFolders
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
    "Check your documents, and list every problem with its place.",
    """Each problem shows its file, line, and column, the expected values, and a hint if there is one. The command
    checks a runbook with the application in the same folder. Warnings don't fail the check.""",
    """If the documents have no errors, the command checks each runbook's committed file in state_machines/generated/
    without running it. The machine must do what its documents say: the same calls in the same order, and the same after
    each failure, answer, and time-out. Every loop must be bounded, every error must be caught and recorded, the lock
    must be released or left to an operator, and the worst case must stay within the limits of Step Functions. You also
    see whether the file is up to date, the worst case, and the calls to other Regions.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward validate",
        "leeward validate runbooks/website/failover.yaml",
        "leeward validate --json | jq .errors",
        "leeward validate --json | jq '.machines[] | {runbook, worst}'",
    ],
    exit_codes="0 no problems, or only warnings; 1 problems; 2 invalid usage.",
)


def validate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Files or folders. Default: runbooks/ of the project."),
    ] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print only one JSON document.")] = False,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project root. Default: searched upwards.")
    ] = None,
) -> None:
    """Print every problem of the documents and the state machines."""
    result, documents = _check_documents(paths or [], root)
    machines = _check_machines(result)
    if json:
        sys.stdout.write(
            json_module.dumps(build_validation_json(result.problems, documents, machines), indent=2) + "\n"
        )
    else:
        from leeward.cli.screens.document_problems import format_tally, show_problems  # noqa: PLC0415
        from leeward.cli.screens.machine_checks import show_findings_tally, show_machines  # noqa: PLC0415 - imports the compiler

        console = create_stdout_console()
        show_problems(console, result.problems)
        show_machines(console, machines)
        console.print(format_tally(result.problems, documents))
        show_findings_tally(console, machines)
    has_issues = result.errors or any(machine.findings for machine in machines)
    raise typer.Exit(ExitCode.ISSUES_FOUND if has_issues else ExitCode.SUCCESS)


def _check_machines(result: ValidationResult) -> list[MachineReport]:
    """Return a report of each runbook's committed state machine, or no reports if a document has an error."""
    from leeward.state_machines.checks.committed_definition import check_committed  # noqa: PLC0415 - slow to import
    from leeward.state_machines.checks.expectations.expected_steps import MachineDocuments  # noqa: PLC0415

    if result.errors:
        return []
    return [
        check_committed(MachineDocuments(folder.application.model, runbook.model), _generated_folder(folder.path))
        for folder in result.folders
        if folder.application is not None
        for runbook in folder.runbooks
    ]


def _generated_folder(application_folder: Path) -> Path:
    """Return where the machines of `runbooks/<application>` are, which is beside `runbooks`."""
    return ProjectFolders(application_folder.resolve().parent.parent).generated


def build_validation_json(
    problems: Sequence[DocumentProblem], documents: int, machines: Sequence[MachineReport] = ()
) -> dict[str, object]:
    """Return `{documents, errors, warnings, problems: [{path, ...}], machines: [{runbook, ...}]}`."""
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
    """Return the validation result and the number of checked documents. Raises CliError for a missing path."""
    from leeward.state_machines.validate.document_validation import validate_paths, validate_tree  # noqa: PLC0415 - slow to import

    for path in paths:
        if not path.exists():
            raise CliError(
                f"there is no file or folder {path}", ["Give existing files or folders, or no path to check runbooks/"]
            )
    if paths:
        return validate_paths(paths), len(set(_list_documents(paths)))
    runbooks = find_project_root(root) / "runbooks"
    return validate_tree(runbooks), len(set(_list_documents([runbooks])))


def _list_documents(paths: Sequence[Path]) -> list[Path]:
    return [file for path in paths for file in (path.rglob("*.yaml") if path.is_dir() else [path])]
