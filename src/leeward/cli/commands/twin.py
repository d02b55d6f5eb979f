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

from leeward.cli.asked import choose_application, choose_scenario
from leeward.cli.exits import ExitCode
from leeward.cli.help import epilog, paragraphs
from leeward.cli.root import find_root, shown
from leeward.cli.terminal import errors, output, redraws
from leeward.cli.trouble import Trouble

if TYPE_CHECKING:
    from leeward.twin.server import Server

HELP = paragraphs(
    "Serve an application's simulated AWS to any AWS client.",
    """The world of a rehearsal, over HTTP on 127.0.0.1: the AWS CLI, boto3 in any process, another team's tool are
    pointed at it by AWS_ENDPOINT_URL. Every runbook is there as a state machine. Signatures are not verified: use the
    dummy credentials that are shown, so that a client which missed the endpoint could do nothing on AWS.""",
    """Under /_twin/ are state (GET), and advance, pace, incident and fault (POST, JSON). A call to a dark Region has
    its connection closed without an answer.""",
)
EPILOG = epilog(
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
_MOST_PORT = 65_535

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
    port: Annotated[int, typer.Option(min=0, max=_MOST_PORT, help="0 picks one that is free.")] = DEFAULT_PORT,
    page_port: Annotated[
        int,
        typer.Option(min=0, max=_MOST_PORT, help="Of the application's page, where it has one; 0 picks one."),
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
    if not 0 <= pace < math.inf:
        raise Trouble("--pace must be 0 or more", ["For example: --pace 60 makes a minute pass in a second"])
    project = find_root(root)
    application = choose_application(project, application)
    chosen = choose_scenario(project, application, scenario)
    console = output()
    told = sys.stdout
    patience = console.status("starting the twin ...") if redraws(console) and not json else contextlib.nullcontext()
    with contextlib.ExitStack() as opened:
        with patience:  # the twin takes seconds to import and to build
            log = opened.enter_context(_lambdas_log(project, application))
            ports = (port, page_port)
            server = opened.enter_context(_server(project, application, chosen, seed=seed, ports=ports, pace=pace))

        def ready() -> None:
            if json:
                told.write(json_module.dumps(_facts(server, application, seed, pace, log)) + "\n")
                told.flush()
                return
            for line in _lines(server, application, pace, log):
                console.print(line, soft_wrap=True)

        server.run(ready)
    if not json:
        console.print("The twin has ended.")
    raise typer.Exit(ExitCode.WELL)


@contextlib.contextmanager
def _server(
    project: Path, application: str, scenario: str | None, *, seed: int, ports: tuple[int, int], pace: float
) -> Iterator[Server]:
    """The server, open. Raises Trouble where it cannot be."""
    from leeward.cli.screens.problems import show_problems  # noqa: PLC0415
    from leeward.state_machines.tree import InvalidDocuments  # noqa: PLC0415 - only when it is to run
    from leeward.twin.server import PortTaken, Server, Unfit, served_world  # noqa: PLC0415

    with contextlib.ExitStack() as opened:
        try:
            served = served_world(project, application, scenario=scenario, seed=seed)
            front_port = ports[1] if served.has_page else None
            server = Server(served, port=ports[0], pace=pace, front_port=front_port)
            opened.enter_context(server)
        except InvalidDocuments as invalid:
            show_problems(errors(), invalid.problems)
            raise Trouble("the documents have errors: nothing is served", ["leeward validate lists them"]) from invalid
        except PortTaken as error:
            raise Trouble(str(error), ["Choose another with --port and --page-port; 0 is any that is free"]) from error
        except Unfit as error:
            raise Trouble(f"the scenario does not fit: {error}", [error.mend]) from error
        yield server


@contextlib.contextmanager
def _lambdas_log(project: Path, application: str) -> Iterator[Path]:
    """On AWS a function's standard output goes to CloudWatch Logs; here to a file, not between our own lines."""
    path = project / "build" / "twin" / f"{application}.lambdas.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        log = path.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise Trouble(f"{path} cannot be written: {error.strerror}") from error
    with log, contextlib.redirect_stdout(log):
        yield path


def _facts(server: Server, application: str, seed: int, pace: float, log: Path) -> dict[str, object]:
    regions = server.served.application.regions
    return {
        "url": server.url,
        "port": server.port,
        "page": server.front_url,
        "pid": os.getpid(),
        "application": application,
        "regions": {"primary": regions.primary, "standby": regions.standby},
        "pace": pace,
        "seed": seed,
        "state_machines": list(server.served.runs.machines),
        "log": str(log),
    }


def _lines(server: Server, application: str, pace: float, log: Path) -> list[str]:
    regions = server.served.application.regions
    page = [f"Its page, for your browser: {server.front_url}", ""] if server.front_url else []
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
        f"The Lambdas' log: {shown(log)}. Ctrl-C ends it.",
    ]
