"""`leeward approve`, `reject`, `retry`, `skip`, and `abort`: answer a run's question, or stop a run."""

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
    typer.Argument(metavar="RUN", help="The run ID, or the end of it.", autocompletion=complete_waiting),
]
ReasonOption = Annotated[str, typer.Option(metavar="TEXT", help="Your reason, for the journal.")]
_IDENTITY_HELP = """Your credentials sign a request to STS, which proves your AWS identity to the run. The run records
    this identity in its journal."""
HELP_BY_DECISION = {
    "approve": join_paragraphs(
        "Approve a run that waits for approval.",
        _IDENTITY_HELP,
        "If the runbook requires two-person approval, you can't approve a run that you started.",
    ),
    "reject": join_paragraphs(
        "Reject a run that waits for approval. The run stops and releases its lock.", _IDENTITY_HELP
    ),
    "retry": join_paragraphs("Retry a failed step of a run that asks what to do.", _IDENTITY_HELP),
    "skip": join_paragraphs(
        "Skip a failed step of a run that asks what to do. The run continues with the next step.", _IDENTITY_HELP
    ),
    "abort": join_paragraphs(
        "Abort a run that asks what to do about a failed step. To stop any running run, use --stop.",
        """If you use --stop, nothing is rolled back. The run keeps its lock, so that no other run starts before an
        operator has checked it. To continue, use `leeward resume`, or start another run that takes over.""",
        _IDENTITY_HELP,
    ),
}
EXIT_CODES = (
    "0 success; 1 rejected, with the reason; 2 invalid usage, or no such run; 69 no Region responded; 77 AWS denied "
    "access."
)


def build_answer_epilog(decision: str) -> str:
    """Return the epilog of a command, with an example."""
    return build_epilog(
        examples=[f'leeward {decision} 20260301-090000 --reason "The dashboards confirm the outage"'],
        exit_codes=EXIT_CODES,
    )


def create_answer_command(decision: str) -> Callable[..., None]:
    """Return the command that answers a run's question with `decision`."""

    @with_operator_session()
    def answer(
        run: WaitingRunArgument,
        *,
        session: OperatorSession,
        reason: ReasonOption,
        json: JsonOption = False,
    ) -> None:
        with translate_operation_errors():
            _, run_status = session.find_run(run)
            detail = _send_answer(session, run_status, decision, reason)
        _print_answer(run_status.record.run, decision, detail, json=json)

    return answer


@with_operator_session()
def abort(
    run: WaitingRunArgument,
    *,
    session: OperatorSession,
    reason: ReasonOption,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the run now.")] = False,
    json: JsonOption = False,
) -> None:
    """Answer `abort` to a run's question, or stop the run with `--stop`."""
    from leeward.operations.run_control import (  # noqa: PLC0415
        get_caller_name,
        stop_run,
    )

    with translate_operation_errors():
        _, run_status = session.find_run(run)
        if not stop:
            detail = _send_answer(session, run_status, "abort", reason)
        else:
            caller = get_caller_name(session.aws, run_status.region)
            stop_run(session.aws, run_status, caller, reason)
            detail = (
                f"stopped by {caller}. Nothing was rolled back, and the run keeps the lock of "
                f"{run_status.record.application}. To continue, run `leeward resume {run_status.record.run}`, "
                "or start another run with take_over"
            )
    _print_answer(run_status.record.run, "abort", detail, json=json)


def _send_answer(session: OperatorSession, run_status: RunStatus, decision: str, reason: str) -> str:
    from leeward.operations.operator_answers import send_answer  # noqa: PLC0415
    from leeward.operations.run_lookup import list_open_questions  # noqa: PLC0415

    questions = list_open_questions(session.aws, run_status)
    answerable = [question for question in questions if decision in question.choices]
    if questions and not answerable:
        choices = " or ".join(f"`leeward {choice}`" for choice in questions[0].choices)
        raise CliError(
            f"{decision} is not an answer to the question of run {run_status.record.run}",
            [f"Question: {questions[0].message}", f"Answer with {choices}"],
        )
    # Without an open question, the answer function returns the reason and records the attempt.
    key = answerable[0].key if answerable else None
    return send_answer(session.aws, run_status, decision, reason, key)


def _print_answer(run: str, decision: str, detail: str, *, json: bool) -> None:
    if json:
        print_json({"run": run, "decision": decision, "told": detail})
    else:
        create_stdout_console().print(f"{run}: {detail}", soft_wrap=True)
    raise typer.Exit(ExitCode.SUCCESS)
