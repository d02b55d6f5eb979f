"""Running a rehearsal under someone's eyes, and telling in plain words what kept it from running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from leeward.cli import lambda_logs
from leeward.cli.asked import Asked
from leeward.cli.garbage import uncollected
from leeward.cli.pace import Pace
from leeward.cli.screens.problems import show_problems
from leeward.cli.terminal import errors
from leeward.cli.trouble import Trouble
from leeward.cli.watch import View, Watcher
from leeward.state_machines.tree import InvalidDocuments
from leeward.twin.rehearsal import CannotRehearse, rehearse
from leeward.twin.report import Rehearsal, Rounds
from leeward.twin.rounds import rehearse_rounds
from leeward.twin.variants import Variants, rehearse_variants


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The result, and where the Lambdas' log of it is."""

    rehearsal: Rehearsal
    log: Path


def run(asked: Asked, view: View, pace: float | None) -> Rehearsed:
    """Rehearse, showing each moment on `view`. Raises Trouble when it could not begin."""
    with (
        uncollected(),
        told_plainly(),
        lambda_logs.captured() as log,
        Watcher(view, Pace(pace) if pace else None) as watcher,
    ):
        rehearsal = _begun(asked)(
            scenario=asked.scenario,
            seed=asked.seed,
            run_input=asked.run_input,
            on_moment=watcher,
            history_dir=asked.history,
        )
    return Rehearsed(rehearsal, lambda_logs.keep(log, asked.project / rehearsal.history))


def _begun(asked: Asked) -> Callable[..., Rehearsal]:
    """By its trigger, or just so."""
    begun = asked.started_by
    if begun is None:
        return partial(rehearse, asked.project, asked.application, asked.runbook)
    from leeward.twin.triggered import Trigger, rehearse_triggered  # noqa: PLC0415 - needs the templates' simulation

    trigger = Trigger(begun.trigger)
    return partial(rehearse_triggered, asked.project, asked.application, asked.runbook, trigger, begun.templates)


def run_rounds(asked: Asked, rounds: int, view: View, pace: float | None) -> Rounds:
    """Fail over and back `rounds` times; otherwise as `run`."""
    with told_plainly(), lambda_logs.captured(), Watcher(view, Pace(pace) if pace else None) as watcher:
        return rehearse_rounds(
            asked.project,
            asked.application,
            rounds,
            scenario=asked.scenario,
            seed=asked.seed,
            run_input=asked.run_input,
            on_moment=watcher,
        )


def run_variants(asked: Asked, on_variant: Callable[[str, str], None]) -> Variants:
    """The incidents under every variant of the routing; otherwise as `run`."""
    with uncollected(), told_plainly(), lambda_logs.captured():
        return rehearse_variants(
            asked.project, asked.application, scenario=asked.scenario, seed=asked.seed, on_variant=on_variant
        )


@contextmanager
def told_plainly() -> Iterator[None]:
    """What the documents or the twin have to say, as Trouble."""
    try:
        yield
    except InvalidDocuments as invalid:
        show_problems(errors(), invalid.problems)
        raise Trouble("the documents have errors: nothing was rehearsed", ["leeward validate lists them"]) from invalid
    except CannotRehearse as error:
        raise Trouble(str(error)) from error
    except LookupError as error:
        if isinstance(error, KeyError | IndexError):
            raise  # a defect: a name that does not exist is told by a LookupError that is no more than that
        raise Trouble(str(error)) from error
