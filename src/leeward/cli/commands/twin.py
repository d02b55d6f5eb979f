"""`leeward twin serve`: serve the simulated AWS on a local port for any AWS client."""

from __future__ import annotations

import contextlib
import json as json_module
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leeward.base.installation.extras import require_extra
from leeward.cli.arguments.argument_resolution import resolve_application, resolve_scenario
from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.project_root import find_project_root, format_path
from leeward.cli.rendering.terminal import announce_twin, create_stderr_console, create_stdout_console

if TYPE_CHECKING:
    from leeward.rehearsal.server import TwinServer

HELP = join_paragraphs(
    "Serve an application's simulated AWS to any AWS client.",
    """The server simulates the application's Regions over HTTP on 127.0.0.1. Set AWS_ENDPOINT_URL to use it from the
    AWS CLI, from boto3, or from your own tools. Every runbook is deployed as a state machine. The server doesn't verify
    signatures. Use the dummy credentials that it prints, so that a client without the endpoint can't change anything on
    AWS.""",
    """You control the simulation with GET /_twin/state, and with POST of JSON to /_twin/advance, pace, incident, and
    fault. The server closes the connection of each call to an unavailable Region.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward twin serve website",
        "leeward twin serve website --port 0 --pace 1 --json",
        "curl http://127.0.0.1:4590/_twin/state",
        """curl -H 'Content-Type: application/json' -d '{"dark": "us-east-1"}' http://127.0.0.1:4590/_twin/incident""",
    ],
    exit_codes="0 stopped by Ctrl-C or SIGTERM; 2 invalid usage, or the documents have errors.",
)
DEFAULT_PORT = 4590
DEFAULT_PAGE_PORT = 4591
_MAX_PORT = 65_535

app = typer.Typer(
    name="twin",
    help="Serve the simulated AWS.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def twin() -> None:
    """Keep `serve` a subcommand: without a callback, Typer merges a single command into its group."""


@app.command("serve", help=HELP, epilog=EPILOG)
def serve(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", help="A folder in runbooks/.")],
    *,
    port: Annotated[int, typer.Option(min=0, max=_MAX_PORT, help="0 selects a free port.")] = DEFAULT_PORT,
    page_port: Annotated[
        int,
        typer.Option(min=0, max=_MAX_PORT, help="The port of the application's web page. 0 selects a free port."),
    ] = DEFAULT_PAGE_PORT,
    pace: Annotated[float, typer.Option(metavar="N", help="Virtual seconds per real second. 0 stops the clock.")] = 60,
    scenario: Annotated[
        str | None,
        typer.Option(help="The scenario to play: a name or a file. Default: none.", metavar="NAME|PATH"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same IDs.")] = 7,
    json: Annotated[bool, typer.Option("--json", help="Print one line of JSON when the server is ready.")] = False,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project root. Default: searched upwards.")
    ] = None,
) -> None:
    """Serve the simulated AWS until Ctrl-C or SIGTERM."""
    require_extra("rehearse", command="twin serve")
    if not 0 <= pace < math.inf:
        raise CliError("--pace must be 0 or more", ["For example: --pace 60 simulates one minute per second"])
    project = find_project_root(root)
    application = resolve_application(project, application)
    scenario_to_play = resolve_scenario(project, application, scenario)
    console = create_stdout_console()
    stdout = sys.stdout
    with contextlib.ExitStack() as stack:
        with announce_twin(console, json=json):  # importing and building the twin takes seconds
            log = stack.enter_context(_redirect_lambda_output(project, application))
            ports = (port, page_port)
            server = stack.enter_context(
                _open_server(project, application, scenario_to_play, seed=seed, ports=ports, pace=pace)
            )

        def print_server() -> None:
            if json:
                stdout.write(json_module.dumps(_describe_server(server, application, seed, pace, log)) + "\n")
                stdout.flush()
                return
            for line in _format_instructions(server, application, pace, log):
                console.print(line, soft_wrap=True)

        server.run(print_server)
    if not json:
        console.print("The twin has stopped.")
    raise typer.Exit(ExitCode.SUCCESS)


@contextlib.contextmanager
def _open_server(
    project: Path, application: str, scenario: str | None, *, seed: int, ports: tuple[int, int], pace: float
) -> Iterator[TwinServer]:
    """Open the server. Raises CliError for invalid documents, an unavailable port, or an invalid scenario."""
    from leeward.cli.screens.document_problems import show_problems  # noqa: PLC0415
    from leeward.rehearsal.server import InvalidIncident, PortUnavailable, TwinServer, load_served_world  # noqa: PLC0415
    from leeward.state_machines.build import InvalidDocuments  # noqa: PLC0415 - slow to import

    with contextlib.ExitStack() as stack:
        try:
            world = load_served_world(project, application, scenario=scenario, seed=seed)
            frontend_port = ports[1] if world.has_page else None
            server = TwinServer(world, port=ports[0], pace=pace, frontend_port=frontend_port)
            stack.enter_context(server)
        except InvalidDocuments as invalid:
            show_problems(create_stderr_console(), invalid.problems)
            raise CliError(
                "the documents have errors: the twin can't start", ["To list them, run leeward validate"]
            ) from invalid
        except PortUnavailable as error:
            raise CliError(
                str(error), ["Choose another port with --port or --page-port. 0 selects a free port"]
            ) from error
        except InvalidIncident as error:
            raise CliError(f"the scenario does not match the application: {error}", [error.remedy]) from error
        yield server


@contextlib.contextmanager
def _redirect_lambda_output(project: Path, application: str) -> Iterator[Path]:
    """Redirect the standard output of the Lambda functions, which goes to CloudWatch Logs on AWS, to a file.

    Raises CliError when the file can't be written.
    """
    path = project / "build" / "twin" / f"{application}.lambdas.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        log = path.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror}") from error
    with log, contextlib.redirect_stdout(log):
        yield path


def _describe_server(server: TwinServer, application: str, seed: int, pace: float, log: Path) -> dict[str, object]:
    regions = server.served.application.regions
    return {
        "url": server.url,
        "port": server.port,
        "page": server.frontend_url,
        "pid": os.getpid(),
        "application": application,
        "regions": {"primary": regions.primary, "standby": regions.standby},
        "pace": pace,
        "seed": seed,
        "state_machines": list(server.served.executions.machines),
        "log": str(log),
    }


def _format_instructions(server: TwinServer, application: str, pace: float, log: Path) -> list[str]:
    regions = server.served.application.regions
    page = [f"Web page: {server.frontend_url}", ""] if server.frontend_url else []
    return [
        *page,
        f"{application}: the primary Region is {regions.primary}, the standby Region is {regions.standby}. "
        f"The pace is {pace:g} virtual seconds per second. To use an AWS client, run in another terminal:",
        "",
        f"export AWS_ENDPOINT_URL={server.url} AWS_DEFAULT_REGION={regions.standby}",
        "export AWS_ACCESS_KEY_ID=twin AWS_SECRET_ACCESS_KEY=twin",
        "aws drs describe-source-servers",
        "",
        f"Simulated state: curl {server.url}/_twin/state",
        f"Lambda log: {format_path(log)}. To stop the server, press Ctrl-C.",
    ]
