"""`leeward validate`: everything that is wrong with the documents, each with its place."""

from __future__ import annotations

import dataclasses
import json as json_module
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exits import ExitCode
from cli.help import epilog, paragraphs
from cli.root import find_root
from cli.terminal import output
from cli.trouble import Trouble

if TYPE_CHECKING:
    from state_machines.problems import Problem
    from state_machines.validate.documents import Checked

HELP = paragraphs(
    "Check the documents, and report every problem with its place.",
    """Each problem has its file, line and column, what is wrong, what was expected, and a hint where there is one. A
    file is checked against the application of its folder. Warnings are shown, but do not fail.""",
)
EPILOG = epilog(
    examples=[
        "leeward validate",
        "leeward validate runbooks/website/failover.yaml",
        "leeward validate --json | jq .errors",
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
    if json:
        sys.stdout.write(json_module.dumps(as_json(checked.problems, documents), indent=2) + "\n")
    else:
        from cli.screens.problems import show_problems, tally  # noqa: PLC0415 - imports the compiler's documents

        console = output()
        show_problems(console, checked.problems)
        console.print(tally(checked.problems, documents))
    raise typer.Exit(ExitCode.FOUND if checked.errors else ExitCode.WELL)


def as_json(problems: Sequence[Problem], documents: int) -> dict[str, object]:
    """The twin of the screen: `{documents, errors, warnings, problems: [{path, line, column, ...}]}`."""
    listed = [{**dataclasses.asdict(p), "path": str(p.path), "severity": str(p.severity)} for p in problems]
    severities = [p["severity"] for p in listed]
    return {
        "documents": documents,
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "problems": listed,
    }


def _check(paths: Sequence[Path], root: Path | None) -> tuple[Checked, int]:
    """What was found, and in how many documents it was looked for."""
    from state_machines.validate.documents import check_paths, check_tree  # noqa: PLC0415 - only when it is to run

    for path in paths:
        if not path.exists():
            raise Trouble(f"there is no file or folder {path}", ["Give files or folders of documents, or nothing"])
    if paths:
        return check_paths(paths), len(set(_documents(paths)))
    runbooks = find_root(root) / "runbooks"
    return check_tree(runbooks), len(set(_documents([runbooks])))


def _documents(paths: Sequence[Path]) -> list[Path]:
    return [file for path in paths for file in (path.rglob("*.yaml") if path.is_dir() else [path])]
