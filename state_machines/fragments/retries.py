"""Which errors are retried, and where a caught error leads.

Tasks raise errors of `common.errors` only. So a state names what must not be retried, and everything else is: transient
errors, timeouts, and whatever the Lambda service, its sandbox, or its runtime report, by names that AWS may add to.
After one of those, the caller can't know whether the function ran, but every task can safely be called again.
"""

from __future__ import annotations

from leeward.common.errors import EndUntold, Halting, Permanent, leaf_error_names
from leeward.state_machines.asl import Catcher, Retrier

# Errors of the Lambda service (docs.aws.amazon.com/step-functions, "Handle transient Lambda service exceptions"), which
# must be listed where a state can also fail with any name of its own.
LAMBDA_ERRORS = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Runtime.ExitError",  # the process ended, because it ran out of memory or the runtime crashed
)
# After these errors, the function did not run to its end, so a team's own function can be called again.
LAMBDA_NOT_RUN_ERRORS = LAMBDA_ERRORS[1:5]
ALL_ERRORS = "States.ALL"
TIMEOUT_ERROR = "States.Timeout"
HEARTBEAT_ERROR = "States.HeartbeatTimeout"
TIMEOUT_ERRORS = (TIMEOUT_ERROR, HEARTBEAT_ERROR)
# A retry can't help, and the step's failure policy applies.
PERMANENT_ERRORS = tuple(leaf_error_names(Permanent))
# No policy may continue: the run stops and keeps the lock. The last three mean that a state's data is not as expected.
UNEXPECTED_ERRORS = (
    *leaf_error_names(Halting),
    "States.ParameterPathFailure",
    "States.ResultPathMatchFailure",
    "States.IntrinsicFailure",
)


def _make_retriers(*never: str, attempts: int = 5, max_delay: int = 30) -> tuple[Retrier, ...]:
    return (
        Retrier(never, interval_seconds=1, max_attempts=0, max_delay_seconds=max_delay),
        Retrier((ALL_ERRORS,), interval_seconds=2, max_attempts=attempts, max_delay_seconds=max_delay),
    )


RETRY_TASK = _make_retriers(*PERMANENT_ERRORS, *UNEXPECTED_ERRORS)
# The begin and the end of a run have no step whose failure policy could ask. With jitter, the begin is retried for
# about 13 minutes and the end for about 23. A run without a recorded end can't be resumed. If it has begun to retire
# the origin's resources, it can't be started again either.
RETRY_RUN_BEGIN = _make_retriers(*PERMANENT_ERRORS, attempts=30, max_delay=60)
RETRY_RUN_END = _make_retriers(*PERMANENT_ERRORS, attempts=50, max_delay=60)
# A failure that isn't recorded stops the run, with the lock held, before anyone is asked. So its record waits out an
# outage of the table too, for about 10 minutes.
RETRY_RECORD = _make_retriers(*PERMANENT_ERRORS, *UNEXPECTED_ERRORS, attempts=24, max_delay=60)
# A question that times out has been answered (with no answer), so it isn't asked again.
RETRY_QUESTION = _make_retriers(*PERMANENT_ERRORS, *UNEXPECTED_ERRORS, *TIMEOUT_ERRORS)
# The last task of a failed run fails on purpose, with the run's own error. EndUntold means that the failure could not
# be reported to Step Functions. If the run's error is one of these, the task is retried and then fails the run anyway.
RETRY_RUN_STOP = (Retrier((*LAMBDA_ERRORS, EndUntold.__name__), 2, 5, 30),)
RETRY_TEAM_FUNCTION = (Retrier(LAMBDA_NOT_RUN_ERRORS, 2, 5, 30),)


def step_catchers(failed: str, unexpected: str) -> tuple[Catcher, ...]:
    """Return catchers for a step, with the error at `$.error`. Errors that no policy may continue after go to
    `unexpected`, and all others to `failed`.
    """
    return Catcher(UNEXPECTED_ERRORS, unexpected), catch_all(failed)


def poll_catchers(missed: str, failed: str, unexpected: str) -> tuple[Catcher, ...]:
    """Return catchers for a poll. Errors that would otherwise be retried go to `missed`, because another poll follows.

    The other errors go to the same states as in `step_catchers`.
    """
    return (
        Catcher(UNEXPECTED_ERRORS, unexpected),
        Catcher(PERMANENT_ERRORS, failed),
        catch_all(missed),
    )


def team_function_catchers(failed: str, unexpected: str) -> tuple[Catcher, ...]:
    """Return catchers for a team's own function. Every error that it raises is a failure of the step."""
    return Catcher(("States.TaskFailed",), failed), Catcher((TIMEOUT_ERROR,), failed), catch_all(unexpected)


def catch_all(next_state: str, result_path: str = "$.error") -> Catcher:
    """Return a catcher for every error."""
    return Catcher((ALL_ERRORS,), next_state, result_path)
