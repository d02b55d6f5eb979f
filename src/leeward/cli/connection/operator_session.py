"""The session of commands that operate runs: project, AWS connection, run lookup, and error messages."""

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
    typer.Argument(metavar="RUN", help="The run ID, or the end of it.", autocompletion=complete_runs),
]
ApplicationArgument = Annotated[
    str | None, typer.Argument(metavar="[APPLICATION]", autocompletion=complete_applications)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@dataclass
class OperatorSession:
    """A project, a connection to AWS or a twin, and the Region to query, which is None for both Regions."""

    project: Path
    aws: AwsSession
    region: str | None

    @property
    def is_on_twin(self) -> bool:
        """Return whether the session uses a served twin instead of AWS."""
        return self.aws.endpoint_url is not None

    def load_application(self, name: str) -> Application:
        """Return the application's document. Raises CliError when it doesn't exist or has errors."""
        from leeward.state_machines.application.application_document import Application  # noqa: PLC0415

        return self._load_document(resolve_application(self.project, name), "application", Application)

    def load_runbook(self, application: str, name: str) -> Runbook:
        """Return the document of an existing runbook. Raises CliError when it has errors."""
        from leeward.state_machines.runbook.runbook_document import Runbook  # noqa: PLC0415

        return self._load_document(application, name, Runbook)

    def _load_document(self, application: str, name: str, model: type[_Document]) -> _Document:
        from leeward.state_machines.load.document_loader import LoadedDocument, load_text  # noqa: PLC0415

        path = self.project / "runbooks" / application / f"{name}.yaml"
        loaded = load_text(path.read_text(encoding="utf-8"), path, model)
        if not isinstance(loaded, LoadedDocument):
            raise CliError(f"{application}/{path.name} has errors", ["To list them, run leeward validate"])
        return loaded.model

    def load_applications(self, name: str | None) -> list[Application]:
        """Return the application `name`, or all applications without a name."""
        return [self.load_application(each) for each in ([name] if name else list_applications(self.project))]

    def list_regions_to_query(self, application: Application) -> tuple[str, ...]:
        """Return the Regions to query, the standby Region first.

        Raises CliError when --region isn't a Region of the application.
        """
        both = (application.regions.standby, application.regions.primary)
        if self.region is None:
            return both
        if self.region not in both:
            hint = f"{application.application} uses {' and '.join(both)}"
            raise CliError(f"{self.region} is not a Region of {application.application}", [hint])
        return (self.region,)

    def list_runs(self, application: Application, limit: int = 20) -> RunListing:
        """Return the application's latest runs, at most `limit`."""
        from leeward.operations.run_lookup import list_runs  # noqa: PLC0415 - boto3 is slow to import

        return list_runs(self.aws, application.application, self.list_regions_to_query(application), limit=limit)

    def find_run(self, id_or_ending: str) -> tuple[Application, RunStatus]:
        """Return the run with an ID or an ID's ending, and its application.

        Raises CliError when no run or several runs match.
        """
        from leeward.common.errors import NotFound  # noqa: PLC0415
        from leeward.operations.run_lookup import AmbiguousRun, RunListing, find_run  # noqa: PLC0415

        prefix = id_or_ending.partition(".")[0]
        applications = self.load_applications(prefix if prefix in list_applications(self.project) else None)
        listings = [self.list_runs(application, limit=200) for application in applications]
        every = RunListing(
            tuple(run for listing in listings for run in listing.runs),
            {region: why for listing in listings for region, why in listing.unreachable_regions.items()},
        )
        try:
            run_status = find_run(every, id_or_ending)
        except AmbiguousRun as several:
            hints = ["Give more of the run ID:", *several.runs]
            raise CliError(f"the IDs of several runs end with {id_or_ending!r}", hints) from None
        except NotFound as error:
            latest = [run.record.run for run in every.runs[:5]]
            latest_runs = f"Latest runs: {', '.join(latest)}" if latest else "No runs were found"
            raise CliError(str(error), [latest_runs, "To list runs, run leeward history APPLICATION"]) from None
        return next(a for a in applications if a.application == run_status.record.application), run_status


@contextmanager
def translate_operation_errors() -> Iterator[None]:
    """Raise CliError with hints and an exit code for each LeewardError in the block."""
    from leeward.common import errors  # noqa: PLC0415
    from leeward.operations.aws_session import NoCredentials  # noqa: PLC0415

    try:
        yield
    except NoCredentials as error:
        raise CliError(str(error), code=ExitCode.DENIED) from error
    except errors.AccessDenied as error:
        raise CliError(
            str(error), ["Check that --profile selects the right account and role"], ExitCode.DENIED
        ) from error
    except errors.Transient as error:
        hints = ["The Region may be unavailable, or the twin may not be running. To query another Region, use --region"]
        raise CliError(str(error), hints, ExitCode.UNREACHABLE) from error
    except errors.InvalidInput as error:
        raise CliError(str(error)) from error
    except errors.LeewardError as error:
        raise CliError(f"{type(error).__name__}: {error}", code=ExitCode.ISSUES_FOUND) from error


def print_json(document: object) -> None:
    """Print one JSON document on standard output."""
    create_stdout_console().print(json_module.dumps(document, indent=1, default=str), soft_wrap=True)
