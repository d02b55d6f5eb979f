"""The options that say whom a command asks: AWS or a served twin, as whom, in which Region. Written once, for all."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from leeward.cli.connection.operator_session import OperatorSession
from leeward.cli.project.project_root import find_project_root

DEFAULT_TWIN_URL = "http://127.0.0.1:4590"
RootOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The project's root; default: found from here upwards.")
]


def open_operator_session(
    *,
    profile: Annotated[str | None, typer.Option(metavar="NAME", help="A profile of ~/.aws/config.")] = None,
    twin: Annotated[
        str | None,
        typer.Option(
            "--twin", metavar="[URL]", help=f"Ask a served twin, not AWS: AWS_ENDPOINT_URL, else {DEFAULT_TWIN_URL}.",
            envvar="LEEWARD_TWIN",
        ),
    ] = None,
    who: Annotated[
        str, typer.Option("--as", metavar="NAME", help="On a twin: who you are.", envvar="LEEWARD_AS")
    ] = os.environ.get("USER") or "operator",
    region: Annotated[
        str | None, typer.Option(metavar="REGION", help="Ask this Region alone; by default both.")
    ] = None,
    root: RootOption = None,
) -> OperatorSession:  # fmt: skip
    """The desk that the options describe."""
    from leeward.operations.aws_session import AwsSession  # noqa: PLC0415 - boto3 takes a while to import

    return OperatorSession(find_project_root(root), AwsSession(profile, twin, who), region)


def with_operator_session(*, omit_options: Sequence[str] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of `desk`, but for those named, in place of its parameter `at`: it is handed the desk.

    Typer reads a command's options from its signature, so they are written into that.
    """
    options = [
        p
        for p in inspect.signature(open_operator_session, eval_str=True).parameters.values()
        if p.name not in omit_options
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "session"]

        @functools.wraps(command)
        def wrapped(**given: Any) -> None:
            chosen = {option.name: given.pop(option.name) for option in options}
            command(session=open_operator_session(**chosen), **given)

        parameters = [*own, *options]
        vars(wrapped)["__signature__"] = inspect.Signature(parameters)
        wrapped.__annotations__ = {p.name: p.annotation for p in parameters}
        return wrapped

    return decorate


def expand_twin_flag(args: Sequence[str]) -> list[str]:
    """`--twin` alone is `--twin` with the address that `leeward twin serve` says to export, or its default."""
    address = os.environ.get("AWS_ENDPOINT_URL", DEFAULT_TWIN_URL)
    made: list[str] = []
    for index, arg in enumerate(args):
        following = args[index + 1] if index + 1 < len(args) else ""
        bare = arg == "--twin" and not following.startswith(("http://", "https://"))
        made.append(f"--twin={address}" if bare else arg)
    return made
