"""Leeward's named errors, in one tree. The `Retry` and `Catch` of a state machine match the class names.

LeewardError
├── Transient               a retry can help; every task can safely be called again
│   ├── Throttled           AWS asked us to slow down
│   ├── ServiceUnavailable  a 5xx response, or no endpoint could be reached
│   ├── AnswerLost          no response arrived: the call may or may not have been carried out
│   ├── CredentialsExpired  the task's credentials have expired: the next call gets new ones
│   └── Busy                another job or change uses the resource: try again later
├── Halting                 the run must stop immediately, whatever the step's failure policy
│   ├── LockLost            another run holds the application's lock
│   ├── UnexpectedError     a task raised an exception that no one foresaw: a defect
│   └── EndUntold           the end of the run could not be recorded, or Step Functions rejected the report of it
└── Permanent               a retry can't help: the step's failure policy applies
    ├── AccessDenied        the role lacks a permission
    ├── Refused             AWS rejected the call for a reason without a class of its own
    ├── SurprisingAnswer    AWS returned something that this code does not know and never guesses at
    ├── InvalidInput        the run's input or a task's event is malformed
    ├── NotFound            a named resource does not exist, or a group matches no server
    ├── QuotaExceeded       an AWS quota would be, or was, exceeded
    ├── NotReady            the preflight found a problem that makes the run useless or unsafe
    ├── RpoExceeded         the newest recovery point is older than the objective allows
    ├── NotProtected        a resource to delete may still be needed: its replacement is not proven to be protected
    ├── ReplicationStalled  a server's replication has stopped and an operator must fix it
    ├── LaunchFailed        a server did not launch; the message contains the reason from the job log
    ├── NotServing          the application does not respond as its check expects
    ├── ErrorRateRisen      users get more errors than a gradual shift allows
    ├── SafetyRuleBlocked   a routing control safety rule rejected the change
    ├── RouteUnconfirmed    no cluster endpoint confirmed the state of the routing controls
    ├── LockHeld            another run of the same application holds the lock
    ├── LockUnknown         the Region that stores the application's lock does not respond
    ├── Rejected            an operator rejected the run, or the question's default did
    └── TimedOut            AWS did not finish within the step's time
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leeward.common.claims.types.claim import Claim
    from leeward.common.polling import PartProgress


class LeewardError(Exception):
    """Base class of all expected errors. `str(error)` says where, what the problem is, and how to fix it.

    `claims` are what was done or found before the failure, for the journal and the report, such as launched servers.
    `parts` are the step's parts, if the task has several.
    """

    def __init__(self, *args: object, claims: Iterable[Claim] = (), parts: Iterable[PartProgress] = ()) -> None:
        super().__init__(*args)
        self.claims = tuple(claims)
        self.parts = tuple(parts)


class Transient(LeewardError):
    """A retry can help."""


class Throttled(Transient):
    """AWS asked us to slow down. `retry_after_seconds` is how long, or None if AWS didn't say."""

    def __init__(self, *args: object, retry_after_seconds: float | None = None) -> None:
        super().__init__(*args)
        self.retry_after_seconds = retry_after_seconds


class ServiceUnavailable(Transient):
    """A 5xx response, or no endpoint could be reached. After a 5xx, the call may still have been carried out."""


class AnswerLost(Transient):
    """No response arrived: the call may or may not have been carried out."""


class CredentialsExpired(Transient):
    """The task's credentials have expired. The next call gets new ones."""


class Busy(Transient):
    """Another job or change uses the resource: try again later."""


class Halting(LeewardError):
    """The run must stop immediately, whatever the step's failure policy."""


class LockLost(Halting):
    """Another run holds the application's lock: it took over from this run, or this run was redriven after its end."""


class UnexpectedError(Halting):
    """A task raised an exception that no one foresaw, which is a defect of Leeward or of a plug-in.

    The message begins with the exception's class.
    """


class EndUntold(Halting):
    """The end of the run could not be recorded, or Step Functions rejected the report of it.

    The message begins with the run summary, because the execution may show nothing else.
    """


class Permanent(LeewardError):
    """A retry can't help: the step's failure policy applies."""


class AccessDenied(Permanent):
    """The role lacks a permission."""


class Refused(Permanent):
    """AWS rejected the call for a reason without a class of its own."""


class SurprisingAnswer(Permanent):
    """AWS returned something that this code does not know and never guesses at."""


class InvalidInput(Permanent):
    """The run's input or a task's event is malformed."""


class NotFound(Permanent):
    """A named resource does not exist, or a group matches no server."""


class QuotaExceeded(Permanent):
    """An AWS quota would be, or was, exceeded."""


class NotReady(Permanent):
    """The preflight found a problem that makes the run useless or unsafe."""


class RpoExceeded(Permanent):
    """The newest recovery point is older than the objective allows."""


class NotProtected(Permanent):
    """A resource to delete may still be needed: its replacement is not proven to be protected."""


class ReplicationStalled(Permanent):
    """A server's replication has stopped and an operator must fix it."""


class LaunchFailed(Permanent):
    """A server did not launch. The message contains the reason from the job log."""


class NotServing(Permanent):
    """The application does not respond as its check expects."""


class ErrorRateRisen(Permanent):
    """Users get more errors than a gradual shift allows."""


class SafetyRuleBlocked(Permanent):
    """A routing control safety rule rejected the change."""


class RouteUnconfirmed(Permanent):
    """No cluster endpoint confirmed the state of the routing controls."""


class LockHeld(Permanent):
    """Another run of the same application holds the lock."""


class LockUnknown(Permanent):
    """The Region that stores the application's lock does not respond, so it is unknown whether a run holds it."""


class Rejected(Permanent):
    """An operator rejected the run, or the question's default did."""


class TimedOut(Permanent):
    """AWS did not finish within the step's time."""


def leaf_errors(root: type[LeewardError] = LeewardError) -> Iterator[type[LeewardError]]:
    """Yield the classes below `root` that have no subclasses, in the order of definition.

    Only classes of this module count, so that subclasses elsewhere, such as those of the CLI, don't change compiled
    state machines.
    """
    for child in _direct_subclasses(root):
        if _direct_subclasses(child):
            yield from leaf_errors(child)
        else:
            yield child


def _direct_subclasses(parent: type[LeewardError]) -> list[type[LeewardError]]:
    return [child for child in parent.__subclasses__() if child.__module__ == __name__]


def leaf_error_names(root: type[LeewardError] = LeewardError) -> list[str]:
    """Return the names that a `Retry` or `Catch` must list to match every error below `root`."""
    return [leaf.__name__ for leaf in leaf_errors(root)]


def describe_error(error: Exception) -> str:
    """Return an error in one line. For an unexpected error, the line begins with the exception's class."""
    return str(error) if isinstance(error, LeewardError) else f"{type(error).__name__}: {error}"
