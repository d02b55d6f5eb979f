"""Writes something through the API as a user would, and reads it back; called until that goes well."""

from __future__ import annotations

from leeward.common.polling import PollResult
from leeward.lambdas.runtime.invocation.events import Parameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.traffic.checks import canary_sign_in, synthetic_transactions
from leeward.traffic.checks.synthetic_transactions import SyntheticTransaction


class TransactionParameters(SyntheticTransaction, Parameters):
    """The transaction, and the secret of the user as whom it is made."""

    canary: str | None = None


@task(WaitingEvent[TransactionParameters])
def handler(event: WaitingEvent[TransactionParameters], context: TaskContext) -> PollResult:
    """Sign in and make it. What fails is not serving yet: the step's time decides. Raises AccessDenied, NotFound."""
    given = event.parameters
    # A new one in each invocation, also of a look that is made again (retried, or resumed): an answer that an API with
    # idempotent writes keeps would tell of the first for ever.
    key = f"{event.run.id}#{context.request_id}"
    token = None
    if given.canary is not None:
        token = canary_sign_in.sign_in_canary(context.secrets, context.user_pools, given.canary)
    return synthetic_transactions.run_transaction(given, token, key=key)
