"""Which errors are tried again, and which are caught as foreseen."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.common.errors import EndUntold, Permanent, Transient, names
from leeward.state_machines.asl import Catcher, Retrier

# Errors of the Lambda service itself, of which the calling side cannot tell whether the function ran
# (docs.aws.amazon.com/step-functions, "Handle transient Lambda service exceptions").
LAMBDA = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Runtime.ExitError",  # the function's process died, for want of memory or by a crash of the runtime
)
# Of these it is known that the function did not run to its end, so that a team's own function may be called again.
LAMBDA_NOT_RUN = LAMBDA[:4]
TIMEOUT = "States.Timeout"
HEARTBEAT = "States.HeartbeatTimeout"
NO_ANSWER = (TIMEOUT, HEARTBEAT)
# A Halting error is not among them: no policy may go on after it.
FORESEEN = (*names(Transient), *names(Permanent), *LAMBDA, TIMEOUT)


def _retrier(*errors: str, attempts: int = 5, longest: int = 30) -> Retrier:
    return Retrier(errors, interval_seconds=2, max_attempts=attempts, max_delay_seconds=longest)


# Every task of ours can safely be called again, also after a call of which no answer came.
AGAIN = (*names(Transient), *LAMBDA, TIMEOUT)
RETRY = (_retrier(*AGAIN),)
# For the end there is more patience, a quarter of an hour with the jitter: a run whose end nobody recorded can't be
# resumed, and one that has begun to retire what it came from can't be started anew either.
RETRY_END = (_retrier(*AGAIN, attempts=30, longest=60),)
# A question's timeout is an answer (silence): it is not asked again.
RETRY_QUESTION = (_retrier(*names(Transient), *LAMBDA),)
# The last task of a run that failed fails by order; where the error of the run has one of these names, it is ordered
# again, and ends the run all the same. With its own name it says that the order could not be given.
RETRY_STOP = (_retrier(*LAMBDA, EndUntold.__name__),)
RETRY_TEAM_FUNCTION = (_retrier(*LAMBDA_NOT_RUN),)


def catches(failed: str, unforeseen: str) -> tuple[Catcher, ...]:
    """A foreseen error goes to `failed`; any other is a defect and goes to `unforeseen`. Both with `$.error`."""
    return Catcher(FORESEEN, failed), catch_all(unforeseen)


def catches_of_look(missed: str, failed: str, unforeseen: str) -> tuple[Catcher, ...]:
    """As `catches`, but what a retry would be for goes to `missed`: there is another look anyway."""
    return Catcher(AGAIN, missed), Catcher(names_without(AGAIN), failed), catch_all(unforeseen)


def names_without(some: Sequence[str]) -> tuple[str, ...]:
    """What is foreseen beside `some`."""
    return tuple(name for name in FORESEEN if name not in some)


def catches_of_team_function(failed: str, unforeseen: str) -> tuple[Catcher, ...]:
    """A team's function may raise what it likes: every error of a task is a failure of the step."""
    return Catcher(("States.TaskFailed",), failed), Catcher((TIMEOUT,), failed), catch_all(unforeseen)


def catch_all(name: str, result_path: str = "$.error") -> Catcher:
    """Whatever went wrong."""
    return Catcher(("States.ALL",), name, result_path)
