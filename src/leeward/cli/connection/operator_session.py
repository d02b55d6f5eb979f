"""What the commands that operate runs have in common: which run is meant, and errors in plain words."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from leeward.cli.arguments.argument_resolution import resolve_application
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.project_root import list_applications
from leeward.cli.project.shell_completion import complete_applications, complete_runs
from leeward.cli.rendering.terminal import create_stdout_console

if TYPE_CHECKING:
    from leeward.operations.aws_session import AwsSession
    from leeward.operations.run_lookup import RunListing, RunStatus
    from leeward.state_machines.application.application_document import Application
    from leeward.state_machines.runbook.runbook_document import Runbook

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
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@dataclass
class OperatorSession:
    """Where an operator sits: a project, an account to reach, the Regions to ask."""

    project: Path
    aws: AwsSession
    region: str | None

    @property
    def is_on_twin(self) -> bool:
        """Whether a served twin is asked, and not AWS."""
        return self.aws.endpoint_url is not None

    def load_application(self, name: str) -> Application:
        """The application's document."""
        from leeward.state_machines.application.application_document import Application  # noqa: PLC0415

        return self._load_document(resolve_application(self.project, name), "application", Application)

    def load_runbook(self, application: str, name: str) -> Runbook:
        """The document of a runbook that there is."""
        from leeward.state_machines.runbook.runbook_document import Runbook  # noqa: PLC0415

        return self._load_document(application, name, Runbook)

    def _load_document(self, application: str, name: str, model: type[_Document]) -> _Document:
        from leeward.state_machines.load.document_loader import LoadedDocument, load_text  # noqa: PLC0415

        path = self.project / "runbooks" / application / f"{name}.yaml"
        found = load_text(path.read_text(encoding="utf-8"), path, model)
        if not isinstance(found, LoadedDocument):
            raise CliError(f"{application}/{path.name} has errors", ["leeward validate lists them"])
        return found.model

    def load_applications(self, name: str | None) -> list[Application]:
        """The one that is named, or all."""
        return [self.load_application(each) for each in ([name] if name else list_applications(self.project))]

    def list_regions_to_query(self, application: Application) -> tuple[str, ...]:
        """The Regions to ask: both, the standby first. Raises Trouble for one that is not the application's."""
        both = (application.regions.standby, application.regions.primary)
        if self.region is None:
            return both
        if self.region not in both:
            known = f"{application.application} lives in {' and '.join(both)}"
            raise CliError(f"{self.region} is no Region of {application.application}", [known])
        return (self.region,)

    def list_runs(self, application: Application, limit: int = 20) -> RunListing:
        """The application's latest runs."""
        from leeward.operations.run_lookup import list_runs  # noqa: PLC0415 - boto3 takes a while to import

        return list_runs(self.aws, application.application, self.list_regions_to_query(application), limit=limit)

    def find_run(self, id_or_ending: str) -> tuple[Application, RunStatus]:
        """The run that is meant, and its application. Raises Trouble for none, or for several."""
        from leeward.common.errors import NotFound  # noqa: PLC0415
        from leeward.operations.run_lookup import AmbiguousRun, RunListing, find_run  # noqa: PLC0415

        named = id_or_ending.partition(".")[0]
        chosen = self.load_applications(named if named in list_applications(self.project) else None)
        found = {a.application: self.list_runs(a, limit=200) for a in chosen}
        every = RunListing(
            tuple(s for f in found.values() for s in f.runs),
            {k: v for f in found.values() for k, v in f.unreachable_regions.items()},
        )
        try:
            meant = find_run(every, id_or_ending)
        except AmbiguousRun as several:
            raise CliError(f"{id_or_ending!r} is the end of several runs", ["Say more of it:", *several.runs]) from None
        except NotFound as error:
            latest = [s.record.run for s in every.runs[:5]]
            told = f"The latest runs: {', '.join(latest)}" if latest else "No run was found"
            raise CliError(str(error), [told, "leeward history APPLICATION lists them"]) from None
        return next(a for a in chosen if a.application == meant.record.application), meant


@contextmanager
def translate_operation_errors() -> Iterator[None]:
    """Turns the named errors into words for an operator, with what to do about each."""
    from leeward.common import errors  # noqa: PLC0415
    from leeward.operations.aws_session import NoCredentials  # noqa: PLC0415

    try:
        yield
    except NoCredentials as error:
        raise CliError(str(error), code=ExitCode.DENIED) from error
    except errors.AccessDenied as error:
        raise CliError(str(error), ["Were you another person, or in another account?"], ExitCode.DENIED) from error
    except errors.Transient as error:
        mend = ["Is the Region dark, or the twin not served? Other Regions: --region"]
        raise CliError(str(error), mend, ExitCode.UNREACHABLE) from error
    except errors.InvalidInput as error:
        raise CliError(str(error)) from error
    except errors.LeewardError as error:
        raise CliError(f"{type(error).__name__}: {error}", code=ExitCode.ISSUES_FOUND) from error


def print_json(document: object) -> None:
    """One document on standard output."""
    create_stdout_console().print(json_module.dumps(document, indent=1, default=str), soft_wrap=True)
