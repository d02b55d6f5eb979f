"""Writes something through the API as a user would, and reads it back; called until that goes well."""

from __future__ import annotations

from leeward.common.polling import Look
from leeward.lambdas.common.events import Parameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench
from leeward.traffic import canary, transactions
from leeward.traffic.transactions import Transaction


class TransactionParameters(Transaction, Parameters):
    """The transaction, and the secret of the user as whom it is made."""

    canary: str | None = None


@task(WaitingEvent[TransactionParameters])
def handler(event: WaitingEvent[TransactionParameters], bench: Workbench) -> Look:
    """Sign in and make it. What fails is not serving yet: the step's time decides. Raises AccessDenied, NotFound."""
    given = event.parameters
    # A new one in each invocation, also of a look that is made again (retried, or resumed): an answer that an API with
    # idempotent writes keeps would tell of the first for ever.
    key = f"{event.run.id}#{bench.request_id}"
    token = None
    if given.canary is not None:
        token = canary.sign_in(bench.secrets, bench.user_pools, given.canary)
    return transactions.look(given, token, key=key)
