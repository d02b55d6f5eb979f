"""`leeward compile`: the runbooks as state machines, written; or whether what is committed still is what comes out."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import Annotated

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.generated_files import GeneratedFiles, compare_generated_files
from leeward.cli.project.project_root import find_project_root
from leeward.cli.rendering.terminal import create_stderr_console, create_stdout_console

HELP = join_paragraphs(
    "Compile the runbooks to state machines.",
    """Each becomes a definition in state_machines/generated/; the documents' JSON Schemas, for editors, are written
    beside them. The generated files are committed: what is reviewed is what runs.""",
)
EPILOG = build_epilog(
    examples=["leeward compile", "leeward compile --check"],
    exit_codes=(
        "0 written, or nothing has drifted; 1 with --check: generated files have drifted; 2 the command was misused, "
        "or the documents have errors."
    ),
)


def compile_runbooks(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when a generated file has drifted.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project's root; default: found from here upwards.")
    ] = None,
) -> None:
    """`leeward compile`: write the generated files, or with `check` hold them against the documents."""
    states = _compile_project(find_project_root(root), check=check)
    if json:
        sys.stdout.write(json_module.dumps(states.as_json(), indent=2) + "\n")
    else:
        from leeward.cli.screens.compile_drift import show_drift, show_written  # noqa: PLC0415 - Rich's tables: only for people

        (show_drift if check else show_written)(create_stdout_console(), states)
    raise typer.Exit(ExitCode.ISSUES_FOUND if check and states.drifted else ExitCode.SUCCESS)


def _compile_project(project: Path, *, check: bool) -> GeneratedFiles:
    from leeward.state_machines import build  # noqa: PLC0415 - only when it is to run

    home = project / "state_machines"
    generated = home / "generated"
    try:
        wanted = build.expected_files(project / "runbooks", generated, home / "schema")
    except build.InvalidDocuments as invalid:
        from leeward.cli.screens.problems import show_problems  # noqa: PLC0415

        show_problems(create_stderr_console(), invalid.problems)
        raise CliError("the documents have errors: nothing was compiled", ["leeward validate lists them"]) from invalid
    states = compare_generated_files(wanted, build.find_drift(wanted, generated))
    if check:
        return states
    try:
        build.write_files(wanted, generated)
    except OSError as error:
        raise CliError(f"{error.filename} cannot be written: {error.strerror}") from error
    return states
