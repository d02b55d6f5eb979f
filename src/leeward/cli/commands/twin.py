"""`leeward twin serve`: the simulated AWS on a port of this machine, for any AWS client."""

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
from leeward.cli.rendering.terminal import can_redraw, create_stderr_console, create_stdout_console

if TYPE_CHECKING:
    from leeward.rehearsal.server import TwinServer

HELP = join_paragraphs(
    "Serve an application's simulated AWS to any AWS client.",
    """The world of a rehearsal, over HTTP on 127.0.0.1: the AWS CLI, boto3 in any process, another team's tool are
    pointed at it by AWS_ENDPOINT_URL. Every runbook is there as a state machine. Signatures are not verified: use the
    dummy credentials that are shown, so that a client which missed the endpoint could do nothing on AWS.""",
    """Under /_twin/ are state (GET), and advance, pace, incident and fault (POST, JSON). A call to a dark Region has
    its connection closed without an answer.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward twin serve website",
        "leeward twin serve website --port 0 --pace 1 --json",
        "curl http://127.0.0.1:4590/_twin/state",
        """curl -H 'Content-Type: application/json' -d '{"dark": "us-east-1"}' http://127.0.0.1:4590/_twin/incident""",
    ],
    exit_codes="0 ended by Ctrl-C or SIGTERM; 2 the command was misused, or the documents are wrong.",
)
DEFAULT_PORT = 4590
DEFAULT_PAGE_PORT = 4591
_MAX_PORT = 65_535

app = typer.Typer(
    name="twin",
    help="The simulated AWS, by itself.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def twin() -> None:
    """Keeps `serve` a command of its own, however few there are beside it."""


@app.command("serve", help=HELP, epilog=EPILOG)
def serve(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", help="A folder of runbooks/.")],
    *,
    port: Annotated[int, typer.Option(min=0, max=_MAX_PORT, help="0 picks one that is free.")] = DEFAULT_PORT,
    page_port: Annotated[
        int,
        typer.Option(min=0, max=_MAX_PORT, help="Of the application's page, where it has one; 0 picks one."),
    ] = DEFAULT_PAGE_PORT,
    pace: Annotated[
        float, typer.Option(metavar="N", help="Virtual seconds per real second; 1 as on AWS, 0 stands still.")
    ] = 60,
    scenario: Annotated[
        str | None,
        typer.Option(help="What goes wrong by itself: a scenario, or a file. Default: nothing.", metavar="NAME|PATH"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same ids.")] = 7,
    json: Annotated[bool, typer.Option("--json", help="Print one line of JSON once it serves.")] = False,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project's root; default: found from here upwards.")
    ] = None,
) -> None:
    """`leeward twin serve APPLICATION`: until Ctrl-C."""
    require_extra("rehearse", command="twin serve")
    if not 0 <= pace < math.inf:
        raise CliError("--pace must be 0 or more", ["For example: --pace 60 makes a minute pass in a second"])
    project = find_project_root(root)
    application = resolve_application(project, application)
    chosen = resolve_scenario(project, application, scenario)
    console = create_stdout_console()
    told = sys.stdout
    patience = console.status("starting the twin ...") if can_redraw(console) and not json else contextlib.nullcontext()
    with contextlib.ExitStack() as opened:
        with patience:  # the twin takes seconds to import and to build
            log = opened.enter_context(_redirect_lambda_output(project, application))
            ports = (port, page_port)
            server = opened.enter_context(_open_server(project, application, chosen, seed=seed, ports=ports, pace=pace))

        def ready() -> None:
            if json:
                told.write(json_module.dumps(_describe_server(server, application, seed, pace, log)) + "\n")
                told.flush()
                return
            for line in _format_instructions(server, application, pace, log):
                console.print(line, soft_wrap=True)

        server.run(ready)
    if not json:
        console.print("The twin has ended.")
    raise typer.Exit(ExitCode.SUCCESS)


@contextlib.contextmanager
def _open_server(
    project: Path, application: str, scenario: str | None, *, seed: int, ports: tuple[int, int], pace: float
) -> Iterator[TwinServer]:
    """The server, open. Raises Trouble where it cannot be."""
    from leeward.cli.screens.problems import show_problems  # noqa: PLC0415
    from leeward.rehearsal.server import InvalidIncident, PortUnavailable, TwinServer, load_served_world  # noqa: PLC0415
    from leeward.state_machines.build import InvalidDocuments  # noqa: PLC0415 - only when it is to run

    with contextlib.ExitStack() as opened:
        try:
            served = load_served_world(project, application, scenario=scenario, seed=seed)
            front_port = ports[1] if served.has_page else None
            server = TwinServer(served, port=ports[0], pace=pace, frontend_port=front_port)
            opened.enter_context(server)
        except InvalidDocuments as invalid:
            show_problems(create_stderr_console(), invalid.problems)
            raise CliError("the documents have errors: nothing is served", ["leeward validate lists them"]) from invalid
        except PortUnavailable as error:
            raise CliError(str(error), ["Choose another with --port and --page-port; 0 is any that is free"]) from error
        except InvalidIncident as error:
            raise CliError(f"the scenario does not fit: {error}", [error.remedy]) from error
        yield server


@contextlib.contextmanager
def _redirect_lambda_output(project: Path, application: str) -> Iterator[Path]:
    """On AWS a function's standard output goes to CloudWatch Logs; here to a file, not between our own lines."""
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
    page = [f"Its page, for your browser: {server.frontend_url}", ""] if server.frontend_url else []
    return [
        *page,
        f"{application}: {regions.primary} serves, {regions.standby} protects it. "
        f"Port {server.port} of 127.0.0.1, {pace:g} virtual seconds a second. For any AWS client, in another terminal:",
        "",
        f"export AWS_ENDPOINT_URL={server.url} AWS_DEFAULT_REGION={regions.standby}",
        "export AWS_ACCESS_KEY_ID=twin AWS_SECRET_ACCESS_KEY=twin",
        "aws drs describe-source-servers",
        "",
        f"The whole world: curl {server.url}/_twin/state",
        f"The Lambdas' log: {format_path(log)}. Ctrl-C ends it.",
    ]
