"""The options that say whom a command asks: AWS or a served twin, as whom, in which Region. Written once, for all."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from leeward.cli.operating import Desk
from leeward.cli.root import find_root

DEFAULT_TWIN = "http://127.0.0.1:4590"
Root = Annotated[Path | None, typer.Option(metavar="DIR", help="The project's root; default: found from here upwards.")]


def desk(
    *,
    profile: Annotated[str | None, typer.Option(metavar="NAME", help="A profile of ~/.aws/config.")] = None,
    twin: Annotated[
        str | None,
        typer.Option(
            "--twin", metavar="[URL]", help=f"Ask a served twin, not AWS: AWS_ENDPOINT_URL, else {DEFAULT_TWIN}.",
            envvar="LEEWARD_TWIN",
        ),
    ] = None,
    who: Annotated[
        str, typer.Option("--as", metavar="NAME", help="On a twin: who you are.", envvar="LEEWARD_AS")
    ] = os.environ.get("USER") or "operator",
    region: Annotated[
        str | None, typer.Option(metavar="REGION", help="Ask this Region alone; by default both.")
    ] = None,
    root: Root = None,
) -> Desk:  # fmt: skip
    """The desk that the options describe."""
    from leeward.operations.reach import Reach  # noqa: PLC0415 - boto3 takes a while to import

    return Desk(find_root(root), Reach(profile, twin, who), region)


def at_a_desk(*, without: Sequence[str] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of `desk`, but for those named, in place of its parameter `at`: it is handed the desk.

    Typer reads a command's options from its signature, so they are written into that.
    """
    options = [p for p in inspect.signature(desk, eval_str=True).parameters.values() if p.name not in without]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "at"]

        @functools.wraps(command)
        def wrapped(**given: Any) -> None:
            chosen = {option.name: given.pop(option.name) for option in options}
            command(at=desk(**chosen), **given)

        parameters = [*own, *options]
        vars(wrapped)["__signature__"] = inspect.Signature(parameters)
        wrapped.__annotations__ = {p.name: p.annotation for p in parameters}
        return wrapped

    return decorate


def expand_twin(args: Sequence[str]) -> list[str]:
    """`--twin` alone is `--twin` with the address that `leeward twin serve` says to export, or its default."""
    address = os.environ.get("AWS_ENDPOINT_URL", DEFAULT_TWIN)
    made: list[str] = []
    for index, arg in enumerate(args):
        following = args[index + 1] if index + 1 < len(args) else ""
        bare = arg == "--twin" and not following.startswith(("http://", "https://"))
        made.append(f"--twin={address}" if bare else arg)
    return made
