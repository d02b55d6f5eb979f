"""Recovers one group of servers into instances that are there already; called until every one of them is up."""

from __future__ import annotations

from pydantic import Field

from leeward.common.polling import Look
from leeward.lambdas.common.events import WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench
from leeward.lambdas.drs_recover import RecoverParameters, recover


class IntoParameters(RecoverParameters):
    """As of a recovery, and which instance each server is launched into: see `drs.launch_into.Bodies`."""

    into: dict[str, str | dict[str, str]] = Field(min_length=1)


@task(WaitingEvent[IntoParameters])
def handler(event: WaitingEvent[IntoParameters], bench: Workbench) -> Look:
    """Look, and start what is to be started. Raises LaunchFailed, NotReady, NotFound, InvalidInput."""
    return recover(event, bench, event.parameters.into)
