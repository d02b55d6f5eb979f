"""What the commands that operate runs have in common: whom they ask, which run is meant, and errors in plain words."""

from __future__ import annotations

import json as json_module
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.asked import choose_application
from cli.completion import complete_applications, complete_runs
from cli.exits import ExitCode
from cli.root import applications, find_root
from cli.terminal import output
from cli.trouble import Trouble

if TYPE_CHECKING:
    from operations.reach import Reach
    from operations.runs import Found, Standing
    from state_machines.documents.application import Application

DEFAULT_TWIN = "http://127.0.0.1:4590"

RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="The run's id, or the end of it, as status shows it.", autocompletion=complete_runs
    ),
]
ApplicationArgument = Annotated[
    str | None, typer.Argument(metavar="[APPLICATION]", autocompletion=complete_applications)
]
Profile = Annotated[str | None, typer.Option(metavar="NAME", help="A profile of ~/.aws/config.")]
Twin = Annotated[
    str | None,
    typer.Option(
        "--twin", metavar="[URL]", help=f"Ask a served twin, not AWS: AWS_ENDPOINT_URL, else {DEFAULT_TWIN}.",
        envvar="LEEWARD_TWIN",
    ),
]  # fmt: skip
As = Annotated[str, typer.Option("--as", metavar="NAME", help="On a twin: who you are.", envvar="LEEWARD_AS")]
Region = Annotated[str | None, typer.Option(metavar="REGION", help="Ask this Region alone; by default both.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Root = Annotated[Path | None, typer.Option(metavar="DIR", help="The project's root; default: found from here upwards.")]


@dataclass
class Desk:
    """Where an operator sits: a project, an account to reach, the Regions to ask."""

    project: Path
    reach: Reach
    region: str | None

    def application(self, name: str) -> Application:
        """The application's document."""
        from state_machines.documents.application import Application  # noqa: PLC0415
        from state_machines.load.documents import Loaded, load_text  # noqa: PLC0415

        path = self.project / "runbooks" / choose_application(self.project, name) / "application.yaml"
        found = load_text(path.read_text(encoding="utf-8"), path, Application)
        if not isinstance(found, Loaded):
            raise Trouble(f"{path.name} of {name} has errors", ["leeward validate lists them"])
        return found.model

    def applications(self, name: str | None) -> list[Application]:
        """The one that is named, or all."""
        return [self.application(each) for each in ([name] if name else applications(self.project))]

    def regions(self, application: Application) -> tuple[str, ...]:
        """The Regions to ask: both, the standby first. Raises Trouble for one that is not the application's."""
        both = (application.regions.standby, application.regions.primary)
        if self.region is None:
            return both
        if self.region not in both:
            known = f"{application.application} lives in {' and '.join(both)}"
            raise Trouble(f"{self.region} is no Region of {application.application}", [known])
        return (self.region,)

    def runs(self, application: Application, most: int = 20) -> Found:
        """The application's latest runs."""
        from operations.runs import runs_of  # noqa: PLC0415 - boto3 takes a while to import

        return runs_of(self.reach, application.application, self.regions(application), most=most)

    def run(self, given: str) -> tuple[Application, Standing]:
        """The run that is meant, and its application. Raises Trouble for none, or for several."""
        from common.errors import NotFound  # noqa: PLC0415
        from operations.runs import Ambiguous, Found, resolve  # noqa: PLC0415

        named = given.partition(".")[0]
        chosen = self.applications(named if named in applications(self.project) else None)
        found = {a.application: self.runs(a, most=200) for a in chosen}
        every = Found(
            tuple(s for f in found.values() for s in f.runs),
            {k: v for f in found.values() for k, v in f.silent.items()},
        )
        try:
            meant = resolve(every, given)
        except Ambiguous as several:
            raise Trouble(f"{given!r} is the end of several runs", ["Say more of it:", *several.runs]) from None
        except NotFound as error:
            latest = [s.run.run for s in every.runs[:5]]
            told = f"The latest runs: {', '.join(latest)}" if latest else "No run was found"
            raise Trouble(str(error), [told, "leeward history APPLICATION lists them"]) from None
        return next(a for a in chosen if a.application == meant.run.application), meant


def desk(profile: str | None, twin: str | None, who: str, region: str | None, root: Path | None) -> Desk:
    """The desk that the options describe."""
    from operations.reach import Reach  # noqa: PLC0415 - boto3 takes a while to import

    return Desk(find_root(root), Reach(profile, twin, who), region)


@contextmanager
def telling() -> Iterator[None]:
    """Turns the named errors into words for an operator, with what to do about each."""
    from common import errors  # noqa: PLC0415
    from operations.reach import NoCredentials  # noqa: PLC0415

    try:
        yield
    except NoCredentials as error:
        raise Trouble(str(error), code=ExitCode.DENIED) from error
    except errors.AccessDenied as error:
        raise Trouble(str(error), ["Were you another person, or in another account?"], ExitCode.DENIED) from error
    except errors.Transient as error:
        mend = ["Is the Region dark, or the twin not served? Other Regions: --region"]
        raise Trouble(str(error), mend, ExitCode.UNREACHABLE) from error
    except errors.InvalidInput as error:
        raise Trouble(str(error)) from error
    except errors.LeewardError as error:
        raise Trouble(f"{type(error).__name__}: {error}", code=ExitCode.FOUND) from error


def expand_twin(args: Sequence[str]) -> list[str]:
    """`--twin` alone is `--twin` with the address that `leeward twin serve` says to export, or its default."""
    address = os.environ.get("AWS_ENDPOINT_URL", DEFAULT_TWIN)
    made: list[str] = []
    for index, arg in enumerate(args):
        following = args[index + 1] if index + 1 < len(args) else ""
        bare = arg == "--twin" and not following.startswith(("http://", "https://"))
        made.append(f"--twin={address}" if bare else arg)
    return made


def print_json(document: object) -> None:
    """One document on standard output."""
    output().print(json_module.dumps(document, indent=1, default=str), soft_wrap=True)


def default_who() -> str:
    """Who one is on a twin where nothing else is said."""
    return os.environ.get("USER") or "operator"
