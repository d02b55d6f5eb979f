"""Lambda task that runs a synthetic transaction against the API and retries it until it succeeds."""

from __future__ import annotations

from leeward.common.polling import PollResult
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.traffic.checks import canary_sign_in, synthetic_transactions
from leeward.traffic.checks.synthetic_transactions import SyntheticTransaction


class TransactionParameters(SyntheticTransaction, Parameters):
    """The transaction, and the secret of the canary user that signs in."""

    canary: str | None = None


@task(WaitingEvent[TransactionParameters])
def handler(event: WaitingEvent[TransactionParameters], context: TaskContext) -> PollResult:
    """Sign in and run the transaction. Keep waiting after a failure until the step times out.

    Raises AccessDenied or NotFound.
    """
    parameters = event.parameters
    # Each invocation needs a new key, also after a retry or a resume. With the same key, an API with idempotent writes
    # would keep returning its first response.
    key = f"{event.run.id}#{context.request_id}"
    token = None
    if parameters.canary is not None:
        token = canary_sign_in.sign_in_canary(context.secrets, context.user_pools, parameters.canary)
    return synthetic_transactions.run_transaction(parameters, token, key=key)
