"""`leeward compile`: the runbooks as state machines, written; or whether what is committed still is what comes out."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import Annotated

import typer

from leeward.cli.drift import States, drift_of
from leeward.cli.exits import ExitCode
from leeward.cli.help import epilog, paragraphs
from leeward.cli.root import find_root
from leeward.cli.terminal import errors, output
from leeward.cli.trouble import Trouble

HELP = paragraphs(
    "Compile the runbooks to state machines.",
    """Each becomes a definition in state_machines/generated/; the documents' JSON Schemas, for editors, are written
    beside them. The generated files are committed: what is reviewed is what runs.""",
)
EPILOG = epilog(
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
    states = _compile(find_root(root), check=check)
    if json:
        sys.stdout.write(json_module.dumps(states.as_json(), indent=2) + "\n")
    else:
        from leeward.cli.screens.drift import show_drift, show_written  # noqa: PLC0415 - Rich's tables: only for people

        (show_drift if check else show_written)(output(), states)
    raise typer.Exit(ExitCode.FOUND if check and states.drifted else ExitCode.WELL)


def _compile(project: Path, *, check: bool) -> States:
    from leeward.state_machines import tree  # noqa: PLC0415 - only when it is to run

    home = project / "state_machines"
    generated = home / "generated"
    try:
        wanted = tree.wanted_files(project / "runbooks", generated, home / "schema")
    except tree.InvalidDocuments as invalid:
        from leeward.cli.screens.problems import show_problems  # noqa: PLC0415

        show_problems(errors(), invalid.problems)
        raise Trouble("the documents have errors: nothing was compiled", ["leeward validate lists them"]) from invalid
    states = drift_of(wanted, tree.check_drift(wanted, generated))
    if check:
        return states
    try:
        tree.write(wanted, generated)
    except OSError as error:
        raise Trouble(f"{error.filename} cannot be written: {error.strerror}") from error
    return states
