"""Which errors are retried, and which are caught as expected failures."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.common.errors import EndUntold, Permanent, Transient, leaf_error_names
from leeward.state_machines.asl import Catcher, Retrier

# Errors of the Lambda service. After one of them, the caller can't know whether the function ran
# (docs.aws.amazon.com/step-functions, "Handle transient Lambda service exceptions").
LAMBDA_ERRORS = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Runtime.ExitError",  # the process ended, because it ran out of memory or the runtime crashed
)
# After these errors, the function did not run to its end, so a team's own function can be called again.
LAMBDA_NOT_RUN_ERRORS = LAMBDA_ERRORS[:4]
TIMEOUT_ERROR = "States.Timeout"
HEARTBEAT_ERROR = "States.HeartbeatTimeout"
TIMEOUT_ERRORS = (TIMEOUT_ERROR, HEARTBEAT_ERROR)
# Halting errors are not included, because no policy may continue after one.
EXPECTED_ERRORS = (*leaf_error_names(Transient), *leaf_error_names(Permanent), *LAMBDA_ERRORS, TIMEOUT_ERROR)


def _make_retrier(*errors: str, attempts: int = 5, max_delay: int = 30) -> Retrier:
    return Retrier(errors, interval_seconds=2, max_attempts=attempts, max_delay_seconds=max_delay)


# Every Leeward task can safely be called again, even after a call without a result.
RETRYABLE_ERRORS = (*leaf_error_names(Transient), *LAMBDA_ERRORS, TIMEOUT_ERROR)
RETRY_TASK = (_make_retrier(*RETRYABLE_ERRORS),)
# The record of the end is retried longer, for about a quarter of an hour with jitter. A run without a recorded end
# can't be resumed. If it has begun to retire the origin's resources, it can't be started again either.
RETRY_RUN_END = (_make_retrier(*RETRYABLE_ERRORS, attempts=30, max_delay=60),)
# A question that times out has been answered (with no answer), so it isn't asked again.
RETRY_QUESTION = (_make_retrier(*leaf_error_names(Transient), *LAMBDA_ERRORS),)
# The last task of a failed run fails on purpose. If the run's own error has one of these names, the task is retried and
# then fails the run anyway. EndUntold means that the failure could not be reported to Step Functions.
RETRY_RUN_STOP = (_make_retrier(*LAMBDA_ERRORS, EndUntold.__name__),)
RETRY_TEAM_FUNCTION = (_make_retrier(*LAMBDA_NOT_RUN_ERRORS),)


def step_catchers(failed: str, unexpected: str) -> tuple[Catcher, ...]:
    """Return catchers for a step. Expected errors go to `failed`, and all others to `unexpected`, with `$.error`."""
    return Catcher(EXPECTED_ERRORS, failed), catch_all(unexpected)


def poll_catchers(missed: str, failed: str, unexpected: str) -> tuple[Catcher, ...]:
    """Return catchers for a poll. Errors that would otherwise be retried go to `missed`, because another poll follows.

    The other errors go to the same states as in `step_catchers`.
    """
    return (
        Catcher(RETRYABLE_ERRORS, missed),
        Catcher(expected_errors_except(RETRYABLE_ERRORS), failed),
        catch_all(unexpected),
    )


def expected_errors_except(excluded: Sequence[str]) -> tuple[str, ...]:
    """Return the expected errors without those in `excluded`."""
    return tuple(name for name in EXPECTED_ERRORS if name not in excluded)


def team_function_catchers(failed: str, unexpected: str) -> tuple[Catcher, ...]:
    """Return catchers for a team's own function. Every error that it raises is a failure of the step."""
    return Catcher(("States.TaskFailed",), failed), Catcher((TIMEOUT_ERROR,), failed), catch_all(unexpected)


def catch_all(next_state: str, result_path: str = "$.error") -> Catcher:
    """Return a catcher for every error."""
    return Catcher(("States.ALL",), next_state, result_path)
