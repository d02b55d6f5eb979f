"""`leeward compile`: compile the runbooks to state machines, or check the committed files for drift."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.generated_files import GeneratedFiles, compare_generated_files
from leeward.cli.project.project_root import find_project_root
from leeward.cli.rendering.terminal import create_stderr_console, create_stdout_console

if TYPE_CHECKING:
    from leeward.state_machines.build import Drift

HELP = join_paragraphs(
    "Compile your runbooks to state machines.",
    """The command writes a definition of each runbook to state_machines/generated/, and the JSON Schemas of the
    documents to state_machines/schema/. Commit the generated files, so that you review what runs.
    With --check, it also names what a changed file does that its documents don't mean.""",
)
EPILOG = build_epilog(
    examples=["leeward compile", "leeward compile --check"],
    exit_codes=(
        "0 success, or no drift; 1 with --check, generated files have drifted; 2 invalid usage, or the documents have "
        "errors."
    ),
)


def compile_runbooks(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing, and fail if a generated file has drifted.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print only one JSON document.")] = False,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project root. Default: searched upwards.")
    ] = None,
) -> None:
    """Write the generated files, or with `check` compare them with the documents."""
    states = _compile_project(find_project_root(root), check=check)
    if json:
        sys.stdout.write(json_module.dumps(states.as_json(), indent=2) + "\n")
    else:
        from leeward.cli.screens.compile_drift import show_drift, show_written  # noqa: PLC0415 - not needed for JSON

        (show_drift if check else show_written)(create_stdout_console(), states)
    raise typer.Exit(ExitCode.ISSUES_FOUND if check and states.drifted else ExitCode.SUCCESS)


def _compile_project(project: Path, *, check: bool) -> GeneratedFiles:
    from leeward.state_machines import build  # noqa: PLC0415 - slow to import

    folder = project / "state_machines"
    generated = folder / "generated"
    try:
        expected = build.expected_files(project / "runbooks", generated, folder / "schema")
    except build.InvalidDocuments as invalid:
        from leeward.cli.screens.document_problems import show_problems  # noqa: PLC0415

        show_problems(create_stderr_console(), invalid.problems)
        raise CliError(
            "the documents have errors: nothing was compiled", ["To list them, run leeward validate"]
        ) from invalid
    drift = build.find_drift(expected, generated)
    if check:
        return compare_generated_files(expected, drift, _check_changed(project, generated, drift))
    states = compare_generated_files(expected, drift)
    try:
        build.write_files(expected, generated)
    except OSError as error:
        raise CliError(f"{error.filename} cannot be written: {error.strerror}") from error
    return states


def _check_changed(project: Path, generated: Path, drift: Drift) -> dict[Path, tuple[str, ...]]:
    """Return what each changed machine does that its documents don't mean."""
    from leeward.state_machines import build  # noqa: PLC0415 - slow to import
    from leeward.state_machines.checks.committed_definition import check_committed  # noqa: PLC0415
    from leeward.state_machines.checks.expectations.expected_steps import MachineDocuments  # noqa: PLC0415

    findings: dict[Path, tuple[str, ...]] = {}
    if any(path.is_relative_to(generated) for path in drift.changed):
        for built in build.build_runbooks(project / "runbooks"):
            if (path := generated / built.generated_path) in drift.changed:
                report = check_committed(MachineDocuments(built.application, built.runbook), generated)
                findings[path] = tuple(
                    f"{one.check}: {one.state or 'the machine'}: {one.text}" for one in report.findings
                )
    return findings
