"""Which errors are tried again, and which are caught as foreseen."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.common.errors import EndUntold, Permanent, Transient, leaf_error_names
from leeward.state_machines.asl import Catcher, Retrier

# Errors of the Lambda service itself, of which the calling side cannot tell whether the function ran
# (docs.aws.amazon.com/step-functions, "Handle transient Lambda service exceptions").
LAMBDA_ERRORS = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Runtime.ExitError",  # the function's process died, for want of memory or by a crash of the runtime
)
# Of these it is known that the function did not run to its end, so that a team's own function may be called again.
LAMBDA_NOT_RUN_ERRORS = LAMBDA_ERRORS[:4]
TIMEOUT_ERROR = "States.Timeout"
HEARTBEAT_ERROR = "States.HeartbeatTimeout"
TIMEOUT_ERRORS = (TIMEOUT_ERROR, HEARTBEAT_ERROR)
# A Halting error is not among them: no policy may go on after it.
EXPECTED_ERRORS = (*leaf_error_names(Transient), *leaf_error_names(Permanent), *LAMBDA_ERRORS, TIMEOUT_ERROR)


def _make_retrier(*errors: str, attempts: int = 5, max_delay: int = 30) -> Retrier:
    return Retrier(errors, interval_seconds=2, max_attempts=attempts, max_delay_seconds=max_delay)


# Every task of ours can safely be called again, also after a call of which no answer came.
RETRYABLE_ERRORS = (*leaf_error_names(Transient), *LAMBDA_ERRORS, TIMEOUT_ERROR)
RETRY_TASK = (_make_retrier(*RETRYABLE_ERRORS),)
# For the end there is more patience, a quarter of an hour with the jitter: a run whose end nobody recorded can't be
# resumed, and one that has begun to retire what it came from can't be started anew either.
RETRY_RUN_END = (_make_retrier(*RETRYABLE_ERRORS, attempts=30, max_delay=60),)
# A question's timeout is an answer (silence): it is not asked again.
RETRY_QUESTION = (_make_retrier(*leaf_error_names(Transient), *LAMBDA_ERRORS),)
# The last task of a run that failed fails by order; where the error of the run has one of these names, it is ordered
# again, and ends the run all the same. With its own name it says that the order could not be given.
RETRY_RUN_STOP = (_make_retrier(*LAMBDA_ERRORS, EndUntold.__name__),)
RETRY_TEAM_FUNCTION = (_make_retrier(*LAMBDA_NOT_RUN_ERRORS),)


def step_catchers(failed: str, unexpected: str) -> tuple[Catcher, ...]:
    """A foreseen error goes to `failed`; any other is a defect and goes to `unforeseen`. Both with `$.error`."""
    return Catcher(EXPECTED_ERRORS, failed), catch_all(unexpected)


def poll_catchers(missed: str, failed: str, unexpected: str) -> tuple[Catcher, ...]:
    """As `catches`, but what a retry would be for goes to `missed`: there is another look anyway."""
    return (
        Catcher(RETRYABLE_ERRORS, missed),
        Catcher(expected_errors_except(RETRYABLE_ERRORS), failed),
        catch_all(unexpected),
    )


def expected_errors_except(excluded: Sequence[str]) -> tuple[str, ...]:
    """What is foreseen beside `some`."""
    return tuple(name for name in EXPECTED_ERRORS if name not in excluded)


def team_function_catchers(failed: str, unexpected: str) -> tuple[Catcher, ...]:
    """A team's function may raise what it likes: every error of a task is a failure of the step."""
    return Catcher(("States.TaskFailed",), failed), Catcher((TIMEOUT_ERROR,), failed), catch_all(unexpected)


def catch_all(next_state: str, result_path: str = "$.error") -> Catcher:
    """Whatever went wrong."""
    return Catcher(("States.ALL",), next_state, result_path)
