"""The names of a run's CloudWatch metrics, their dimensions, and its EventBridge events.

Dashboards, alarms, and other teams' rules depend on these names. Add names, but never change one.
"""

from __future__ import annotations

from enum import StrEnum

NAMESPACE = "Leeward"
# The dimensions of every metric of a run, in this order. Powertools adds `service`, which is always `leeward`.
SERVICE = "leeward"
RUN_DIMENSIONS = ("service", "application", "runbook")


class RunMetric(StrEnum):
    """Metrics of a run, with RUN_DIMENSIONS. `...Seconds` are in seconds, the others are counts."""

    BEGAN = "RunBegan"
    SUCCEEDED = "RunSucceeded"
    FAILED = "RunFailed"
    SECONDS = "RunSeconds"
    STEP_DONE = "StepDone"
    STEP_FAILED = "StepFailed"
    STEP_SECONDS = "StepSeconds"
    QUESTION_ASKED = "QuestionAsked"
    QUESTION_ANSWERED = "QuestionAnswered"
    # How long the run waited for the answer.
    QUESTION_SECONDS = "QuestionSeconds"
    # No one answered in time, so the question's default applied.
    QUESTION_LAPSED = "QuestionLapsed"
    # The values measured from the journal of a run that moved users, and the objectives.
    RTO_SECONDS = "RtoSeconds"
    RTO_OBJECTIVE_SECONDS = "RtoObjectiveSeconds"
    RPO_SECONDS = "RpoSeconds"
    RPO_OBJECTIVE_SECONDS = "RpoObjectiveSeconds"
    # A message or an event that could not be sent. The run continued.
    SIGNAL_LOST = "SignalLost"


EVENT_SOURCE = "leeward"


class DomainEventType(StrEnum):
    """The detail types of Leeward's events on the default bus of the target Region."""

    RUN_BEGAN = "Leeward Run Began"
    STEP_DONE = "Leeward Step Done"
    STEP_FAILED = "Leeward Step Failed"
    QUESTION_ASKED = "Leeward Question Asked"
    QUESTION_ANSWERED = "Leeward Question Answered"
    RUN_ENDED = "Leeward Run Ended"
    # Not an event of a run: a readiness report was stored in the table.
    READINESS_LOOKED = "Leeward Readiness Looked"
