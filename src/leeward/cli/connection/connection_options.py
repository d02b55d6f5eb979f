"""The options that select an endpoint, an identity, and a Region, shared by the operating commands."""

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
RootOption = Annotated[Path | None, typer.Option(metavar="DIR", help="The project root. Default: searched upwards.")]


def open_operator_session(
    *,
    profile: Annotated[str | None, typer.Option(metavar="NAME", help="The AWS profile to use.")] = None,
    twin: Annotated[
        str | None,
        typer.Option(
            "--twin", metavar="[URL]", help=f"Use a served twin. Default: AWS_ENDPOINT_URL, else {DEFAULT_TWIN_URL}.",
            envvar="LEEWARD_TWIN",
        ),
    ] = None,
    who: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Your name on a twin.", envvar="LEEWARD_AS")
    ] = os.environ.get("USER") or "operator",
    region: Annotated[
        str | None, typer.Option(metavar="REGION", help="Query only this Region. Default: both.")
    ] = None,
    root: RootOption = None,
) -> OperatorSession:  # fmt: skip
    """Return the operator session that the options describe. Raises CliError outside a project."""
    from leeward.operations.aws_session import AwsSession  # noqa: PLC0415 - boto3 is slow to import

    return OperatorSession(find_project_root(root), AwsSession(profile, twin, who), region)


def with_operator_session(*, omit_options: Sequence[str] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Replace a command's `session` parameter with the options of `open_operator_session`, except `omit_options`.

    The decorated command opens the session from the options. Typer reads options from a function's signature, so the
    decorator sets the signature of the wrapper.
    """
    options = [
        p
        for p in inspect.signature(open_operator_session, eval_str=True).parameters.values()
        if p.name not in omit_options
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "session"]

        @functools.wraps(command)
        def wrapped(**arguments: Any) -> None:
            session_arguments = {option.name: arguments.pop(option.name) for option in options}
            command(session=open_operator_session(**session_arguments), **arguments)

        parameters = [*own, *options]
        vars(wrapped)["__signature__"] = inspect.Signature(parameters)
        wrapped.__annotations__ = {p.name: p.annotation for p in parameters}
        return wrapped

    return decorate


def expand_twin_flag(args: Sequence[str]) -> list[str]:
    """Return `args` with a URL added to each `--twin` without one: AWS_ENDPOINT_URL or the default."""
    address = os.environ.get("AWS_ENDPOINT_URL", DEFAULT_TWIN_URL)
    expanded: list[str] = []
    for index, arg in enumerate(args):
        following = args[index + 1] if index + 1 < len(args) else ""
        bare = arg == "--twin" and not following.startswith(("http://", "https://"))
        expanded.append(f"--twin={address}" if bare else arg)
    return expanded
