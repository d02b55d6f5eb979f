"""What the commands that operate runs have in common: which run is meant, and errors in plain words."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from leeward.cli.asked import choose_application
from leeward.cli.completion import complete_applications, complete_runs
from leeward.cli.exits import ExitCode
from leeward.cli.root import applications
from leeward.cli.terminal import output
from leeward.cli.trouble import Trouble

if TYPE_CHECKING:
    from leeward.operations.reach import Reach
    from leeward.operations.runs import Found, Standing
    from leeward.state_machines.documents.application import Application
    from leeward.state_machines.documents.runbook import Runbook

_Document = TypeVar("_Document", "Application", "Runbook")
RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="The run's id, or the end of it, as status shows it.", autocompletion=complete_runs
    ),
]
ApplicationArgument = Annotated[
    str | None, typer.Argument(metavar="[APPLICATION]", autocompletion=complete_applications)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@dataclass
class Desk:
    """Where an operator sits: a project, an account to reach, the Regions to ask."""

    project: Path
    reach: Reach
    region: str | None

    @property
    def on_a_twin(self) -> bool:
        """Whether a served twin is asked, and not AWS."""
        return self.reach.endpoint_url is not None

    def application(self, name: str) -> Application:
        """The application's document."""
        from leeward.state_machines.documents.application import Application  # noqa: PLC0415

        return self._document(choose_application(self.project, name), "application", Application)

    def runbook(self, application: str, name: str) -> Runbook:
        """The document of a runbook that there is."""
        from leeward.state_machines.documents.runbook import Runbook  # noqa: PLC0415

        return self._document(application, name, Runbook)

    def _document(self, application: str, name: str, model: type[_Document]) -> _Document:
        from leeward.state_machines.load.documents import Loaded, load_text  # noqa: PLC0415

        path = self.project / "runbooks" / application / f"{name}.yaml"
        found = load_text(path.read_text(encoding="utf-8"), path, model)
        if not isinstance(found, Loaded):
            raise Trouble(f"{application}/{path.name} has errors", ["leeward validate lists them"])
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
        from leeward.operations.runs import runs_of  # noqa: PLC0415 - boto3 takes a while to import

        return runs_of(self.reach, application.application, self.regions(application), most=most)

    def run(self, given: str) -> tuple[Application, Standing]:
        """The run that is meant, and its application. Raises Trouble for none, or for several."""
        from leeward.common.errors import NotFound  # noqa: PLC0415
        from leeward.operations.runs import Ambiguous, Found, resolve  # noqa: PLC0415

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


@contextmanager
def telling() -> Iterator[None]:
    """Turns the named errors into words for an operator, with what to do about each."""
    from leeward.common import errors  # noqa: PLC0415
    from leeward.operations.reach import NoCredentials  # noqa: PLC0415

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


def print_json(document: object) -> None:
    """One document on standard output."""
    output().print(json_module.dumps(document, indent=1, default=str), soft_wrap=True)
