"""The names under which a run can be heard from outside: metrics, their dimensions, and events on the bus.

What stands here is a contract with dashboards, alarms and other teams' rules: a name is added, never changed.
"""

from __future__ import annotations

from enum import StrEnum

NAMESPACE = "Leeward"
# The dimensions of every metric of a run, in this order. `service` is Powertools' own and always `leeward`.
SERVICE = "leeward"
RUN_DIMENSIONS = ("service", "application", "runbook")


class RunMetric(StrEnum):
    """Metrics of a run, with RUN_DIMENSIONS; `...Seconds` in seconds, the others are counts."""

    BEGAN = "RunBegan"
    SUCCEEDED = "RunSucceeded"
    FAILED = "RunFailed"
    SECONDS = "RunSeconds"
    STEP_DONE = "StepDone"
    STEP_FAILED = "StepFailed"
    STEP_SECONDS = "StepSeconds"
    QUESTION_ASKED = "QuestionAsked"
    QUESTION_ANSWERED = "QuestionAnswered"
    # How long the run waited for that person.
    QUESTION_SECONDS = "QuestionSeconds"
    # Nobody answered in time, and silence decided.
    QUESTION_LAPSED = "QuestionLapsed"
    # What the journal measured of a run that moved the users, and what was promised.
    RTO_SECONDS = "RtoSeconds"
    RTO_OBJECTIVE_SECONDS = "RtoObjectiveSeconds"
    RPO_SECONDS = "RpoSeconds"
    RPO_OBJECTIVE_SECONDS = "RpoObjectiveSeconds"
    # A message or an event that could not be sent: the run went on, and somebody should know.
    SIGNAL_LOST = "SignalLost"


EVENT_SOURCE = "leeward"


class DomainEventType(StrEnum):
    """The detail types of the events that a run puts on the default bus of the Region that it enters."""

    RUN_BEGAN = "Leeward Run Began"
    STEP_DONE = "Leeward Step Done"
    STEP_FAILED = "Leeward Step Failed"
    QUESTION_ASKED = "Leeward Question Asked"
    QUESTION_ANSWERED = "Leeward Question Answered"
    RUN_ENDED = "Leeward Run Ended"
    # Not of a run: readiness has looked, and its answer is in the table.
    READINESS_LOOKED = "Leeward Readiness Looked"
