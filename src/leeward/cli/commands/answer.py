"""`leeward approve`, `reject`, `retry`, `skip`, `abort`: a person's answer to what a run asks, or a run's stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from leeward.cli.completion import complete_waiting
from leeward.cli.exits import ExitCode
from leeward.cli.help import epilog, paragraphs
from leeward.cli.operating import Desk, Json, print_json, telling
from leeward.cli.terminal import output
from leeward.cli.trouble import Trouble
from leeward.cli.whom import at_a_desk

if TYPE_CHECKING:
    from leeward.operations.runs import Standing

Waiting = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="The run's id, or the end of it, as status shows it.", autocompletion=complete_waiting
    ),
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; it is written down and shown.")]
_PROOF = """Your AWS identity is proven to the run, by a request to STS that your credentials sign, and written down: no
    name that you give counts."""
HELPS = {
    "approve": paragraphs(
        "Answer a run that asks for approval: yes.",
        _PROOF,
        "Where the runbook wants two people, the one who started the run can't approve it.",
    ),
    "reject": paragraphs("Answer a run that asks for approval: no. The run stops, and lets its lock go.", _PROOF),
    "retry": paragraphs("Answer a run that asks about a failed step: try it again.", _PROOF),
    "skip": paragraphs("Answer a run that asks about a failed step: go on without it.", _PROOF),
    "abort": paragraphs(
        "Answer a run that asks about a failed step: stop. Or, with --stop, stop a run in the middle of its work.",
        """A run that is stopped with --stop stays where it is: nothing is undone, and it keeps its lock, so that no
        other run starts before a person has looked. `leeward resume` lets it go on; another run can take over.""",
        _PROOF,
    ),
}
CODES = "0 done; 1 refused, with the reason; 2 misused, no such run; 69 no answer; 77 AWS refused."


def epilog_of(decision: str) -> str:
    """Examples of one of the commands."""
    return epilog(
        examples=[f'leeward {decision} 20260301-090000 --reason "I looked at the dashboards"'], exit_codes=CODES
    )


def command(decision: str) -> Callable[..., None]:
    """The command that gives `decision`."""

    @at_a_desk()
    def give(
        run: Waiting,
        *,
        at: Desk,
        reason: Reason,
        json: Json = False,
    ) -> None:
        with telling():
            _, meant = at.run(run)
            told = _give(at, meant, decision, reason)
        _tell(meant.run.run, decision, told, json=json)

    return give


@at_a_desk()
def abort(
    run: Waiting,
    *,
    at: Desk,
    reason: Reason,
    stop: Annotated[bool, typer.Option("--stop", help="Stop it although it asks nothing.")] = False,
    json: Json = False,
) -> None:
    """`leeward abort RUN`."""
    from leeward.operations.steering import stop as stop_run  # noqa: PLC0415
    from leeward.operations.steering import who_am_i  # noqa: PLC0415

    with telling():
        _, meant = at.run(run)
        if not stop:
            told = _give(at, meant, "abort", reason)
        else:
            me = who_am_i(at.reach, meant.region)
            stop_run(at.reach, meant, me, reason)
            told = (
                f"stopped by {me}. Nothing was undone, and it keeps the lock of {meant.run.application}: "
                f"`leeward resume {meant.run.run}` lets it go on, or start another with take_over"
            )
    _tell(meant.run.run, "abort", told, json=json)


def _give(at: Desk, meant: Standing, decision: str, reason: str) -> str:
    from leeward.operations.answering import answer  # noqa: PLC0415
    from leeward.operations.runs import questions_of  # noqa: PLC0415

    asked = questions_of(at.reach, meant)
    fitting = [q for q in asked if decision in q.choices]
    if asked and not fitting:
        choices = " or ".join(f"`leeward {choice}`" for choice in asked[0].choices)
        raise Trouble(
            f"run {meant.run.run} does not ask for that", [f"It asks: {asked[0].message}", f"Answer: {choices}"]
        )
    # Without an open question the function itself says why not, and writes down that it was tried.
    key = fitting[0].key if fitting else None
    return answer(at.reach, meant, decision, reason, key)


def _tell(run: str, decision: str, told: str, *, json: bool) -> None:
    if json:
        print_json({"run": run, "decision": decision, "told": told})
    else:
        output().print(f"{run}: {told}", soft_wrap=True)
    raise typer.Exit(ExitCode.WELL)
