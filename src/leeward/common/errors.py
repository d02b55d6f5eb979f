"""The one tree of errors. A class's name is what a state machine's `Retry` and `Catch` match.

LeewardError
├── Transient               a retry can help; every task can safely be called again
│   ├── Throttled           AWS asked us to slow down
│   ├── ServiceUnavailable  a 5xx answer, or no endpoint could be reached
│   ├── AnswerLost          no answer came: the call may or may not have been carried out
│   └── Busy                another job or change holds the resource: look again
├── Halting                 the run must not act any more: it stops where it is, whatever the step's policy
│   ├── LockLost            another run holds the application's lock
│   └── EndUntold           how the run ended could not be recorded, or Step Functions did not take the word of it
└── Permanent               a retry cannot help: the step's failure policy decides
    ├── AccessDenied        the role lacks a permission, or its credentials have expired
    ├── Refused             AWS refused the call for a reason that has no name of its own here
    ├── SurprisingAnswer    AWS answered something that this code does not know: never guessed at
    ├── InvalidInput        the run's input or a task's event is malformed
    ├── NotFound            a named resource does not exist, or a group matches no server
    ├── QuotaExceeded       an AWS quota would be, or was, exceeded
    ├── NotReady            the preflight found something that makes the run pointless or unsafe
    ├── RpoExceeded         the newest recovery point is older than the objective allows
    ├── NotProtected        what is to be destroyed may still be needed: nothing proves that its replacement protects
    ├── ReplicationStalled  a server's replication has stopped and needs a person
    ├── LaunchFailed        a server did not launch; the message carries the job log's own reason
    ├── NotServing          the application does not answer as its check expects
    ├── ErrorRateRisen      users meet more errors than a gradual shift allows
    ├── SafetyRuleBlocked   a routing-control safety rule refused the change
    ├── RouteUnconfirmed    no cluster endpoint confirmed the routing controls' state
    ├── LockHeld            another run of the same application holds the lock
    ├── LockUnknown         the Region that keeps the application's lock does not answer
    ├── Rejected            a person (or the default for silence) said no
    └── TimedOut            AWS did not finish within the step's time
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class LeewardError(Exception):
    """Base of every error that Leeward foresees. `str(error)` says the place, the problem and the mend.

    `facts` are for the journal (JSON values): what a report tells one by one and a sentence can't.
    """

    def __init__(self, *args: object, facts: Mapping[str, object] | None = None) -> None:
        super().__init__(*args)
        self.facts: Mapping[str, object] = facts or {}


class Transient(LeewardError):
    """A retry can help."""


class Throttled(Transient):
    """AWS asked us to slow down."""


class ServiceUnavailable(Transient):
    """A 5xx answer, or no endpoint could be reached. After a 5xx the call may have been carried out all the same."""


class AnswerLost(Transient):
    """No answer came: the call may or may not have been carried out."""


class Busy(Transient):
    """Another job or change holds the resource: look again."""


class Halting(LeewardError):
    """The run must not act any more: it stops where it is, whatever the step's policy."""


class LockLost(Halting):
    """Another run holds the application's lock: this one was taken over from, or was redriven after its end."""


class EndUntold(Halting):
    """How the run ended could not be recorded, or Step Functions did not take the word of it. Begins with the run's own
    account, for this error may be all that the execution shows."""


class Permanent(LeewardError):
    """A retry cannot help: the step's failure policy decides."""


class AccessDenied(Permanent):
    """The role lacks a permission, or its credentials have expired."""


class Refused(Permanent):
    """AWS refused the call for a reason that has no name of its own here."""


class SurprisingAnswer(Permanent):
    """AWS answered something that this code does not know: never guessed at."""


class InvalidInput(Permanent):
    """The run's input or a task's event is malformed."""


class NotFound(Permanent):
    """A named resource does not exist, or a group matches no server."""


class QuotaExceeded(Permanent):
    """An AWS quota would be, or was, exceeded."""


class NotReady(Permanent):
    """The preflight found something that makes the run pointless or unsafe."""


class RpoExceeded(Permanent):
    """The newest recovery point is older than the objective allows."""


class NotProtected(Permanent):
    """What is to be destroyed may still be needed: nothing proves that its replacement protects."""


class ReplicationStalled(Permanent):
    """A server's replication has stopped and needs a person."""


class LaunchFailed(Permanent):
    """A server did not launch; the message carries the job log's own reason."""


class NotServing(Permanent):
    """The application does not answer as its check expects."""


class ErrorRateRisen(Permanent):
    """Users meet more errors than a gradual shift allows."""


class SafetyRuleBlocked(Permanent):
    """A routing-control safety rule refused the change."""


class RouteUnconfirmed(Permanent):
    """No cluster endpoint confirmed the routing controls' state."""


class LockHeld(Permanent):
    """Another run of the same application holds the lock."""


class LockUnknown(Permanent):
    """The Region that keeps the application's lock does not answer, so nobody knows whether a run holds it."""


class Rejected(Permanent):
    """A person (or the default for silence) said no."""


class TimedOut(Permanent):
    """AWS did not finish within the step's time."""


def leaf_errors(root: type[LeewardError] = LeewardError) -> Iterator[type[LeewardError]]:
    """The classes below `root` that are raised (those without subclasses), in order of definition.

    Those of this module alone: what another makes of them (the command line's own) must not change what is compiled.
    """
    for child in _direct_subclasses(root):
        if _direct_subclasses(child):
            yield from leaf_errors(child)
        else:
            yield child


def _direct_subclasses(parent: type[LeewardError]) -> list[type[LeewardError]]:
    return [child for child in parent.__subclasses__() if child.__module__ == __name__]


def leaf_error_names(root: type[LeewardError] = LeewardError) -> list[str]:
    """What a `Retry` or `Catch` lists to match every error below `root`."""
    return [leaf.__name__ for leaf in leaf_errors(root)]


def describe_error(error: Exception) -> str:
    """An error in one line: a foreseen one says all itself, of a defect the kind belongs to it."""
    return str(error) if isinstance(error, LeewardError) else f"{type(error).__name__}: {error}"
