"""`leeward approve`, `reject`, `retry`, `skip`, `abort`: a person's answer to what a run asks, or a run's stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.connection.connection_options import with_operator_session
from leeward.cli.connection.operator_session import JsonOption, OperatorSession, print_json, translate_operation_errors
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.shell_completion import complete_waiting
from leeward.cli.rendering.terminal import create_stdout_console

if TYPE_CHECKING:
    from leeward.operations.run_lookup import RunStatus

WaitingRunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="The run's id, or the end of it, as status shows it.", autocompletion=complete_waiting
    ),
]
ReasonOption = Annotated[str, typer.Option(metavar="TEXT", help="Why; it is written down and shown.")]
_IDENTITY_HELP = """Your AWS identity is proven to the run, by a request to STS that your credentials sign, and
    written down: no name that you give counts."""
HELP_BY_DECISION = {
    "approve": join_paragraphs(
        "Answer a run that asks for approval: yes.",
        _IDENTITY_HELP,
        "Where the runbook wants two people, the one who started the run can't approve it.",
    ),
    "reject": join_paragraphs(
        "Answer a run that asks for approval: no. The run stops, and lets its lock go.", _IDENTITY_HELP
    ),
    "retry": join_paragraphs("Answer a run that asks about a failed step: try it again.", _IDENTITY_HELP),
    "skip": join_paragraphs("Answer a run that asks about a failed step: go on without it.", _IDENTITY_HELP),
    "abort": join_paragraphs(
        "Answer a run that asks about a failed step: stop. Or, with --stop, stop a run in the middle of its work.",
        """A run that is stopped with --stop stays where it is: nothing is undone, and it keeps its lock, so that no
        other run starts before a person has looked. `leeward resume` lets it go on; another run can take over.""",
        _IDENTITY_HELP,
    ),
}
EXIT_CODES = "0 done; 1 refused, with the reason; 2 misused, no such run; 69 no answer; 77 AWS refused."


def build_answer_epilog(decision: str) -> str:
    """Examples of one of the commands."""
    return build_epilog(
        examples=[f'leeward {decision} 20260301-090000 --reason "I looked at the dashboards"'], exit_codes=EXIT_CODES
    )


def create_answer_command(decision: str) -> Callable[..., None]:
    """The command that gives `decision`."""

    @with_operator_session()
    def give(
        run: WaitingRunArgument,
        *,
        session: OperatorSession,
        reason: ReasonOption,
        json: JsonOption = False,
    ) -> None:
        with translate_operation_errors():
            _, meant = session.find_run(run)
            told = _send_answer(session, meant, decision, reason)
        _print_answer(meant.record.run, decision, told, json=json)

    return give


@with_operator_session()
def abort(
    run: WaitingRunArgument,
    *,
    session: OperatorSession,
    reason: ReasonOption,
    stop: Annotated[bool, typer.Option("--stop", help="Stop it although it asks nothing.")] = False,
    json: JsonOption = False,
) -> None:
    """`leeward abort RUN`."""
    from leeward.operations.run_control import (  # noqa: PLC0415
        get_caller_name,
        stop_run,
    )

    with translate_operation_errors():
        _, meant = session.find_run(run)
        if not stop:
            told = _send_answer(session, meant, "abort", reason)
        else:
            me = get_caller_name(session.aws, meant.region)
            stop_run(session.aws, meant, me, reason)
            told = (
                f"stopped by {me}. Nothing was undone, and it keeps the lock of {meant.record.application}: "
                f"`leeward resume {meant.record.run}` lets it go on, or start another with take_over"
            )
    _print_answer(meant.record.run, "abort", told, json=json)


def _send_answer(session: OperatorSession, run_status: RunStatus, decision: str, reason: str) -> str:
    from leeward.operations.operator_answers import send_answer  # noqa: PLC0415
    from leeward.operations.run_lookup import list_open_questions  # noqa: PLC0415

    asked = list_open_questions(session.aws, run_status)
    fitting = [q for q in asked if decision in q.choices]
    if asked and not fitting:
        choices = " or ".join(f"`leeward {choice}`" for choice in asked[0].choices)
        raise CliError(
            f"run {run_status.record.run} does not ask for that", [f"It asks: {asked[0].message}", f"Answer: {choices}"]
        )
    # Without an open question the function itself says why not, and writes down that it was tried.
    key = fitting[0].key if fitting else None
    return send_answer(session.aws, run_status, decision, reason, key)


def _print_answer(run: str, decision: str, detail: str, *, json: bool) -> None:
    if json:
        print_json({"run": run, "decision": decision, "told": detail})
    else:
        create_stdout_console().print(f"{run}: {detail}", soft_wrap=True)
    raise typer.Exit(ExitCode.SUCCESS)
