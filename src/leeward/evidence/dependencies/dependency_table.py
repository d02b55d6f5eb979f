"""Models of a runbook's computed dependencies: one row for each AWS service in each Region.

Each row has two trials: the service fails for the whole run, and for its first 20 minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, computed_field

# A shorter delay is that of the SDK's own retries, and changes no decision of an operator.
SHORTEST_DELAY_SECONDS = 60


class Requirement(StrEnum):
    """Whether a run needs a service in a Region.

    `NOT_CALLED` means that no function of the run calls its API. `UNKNOWN` means that a trial could not be played.
    """

    REQUIRED = "required"
    DELAYS = "delays"
    NOT_REQUIRED = "not required"
    NOT_CALLED = "not called"
    UNKNOWN = "unknown"


class OperatorNeed(StrEnum):
    """Whether a run needed a person.

    - `RETRY_ENOUGH`: the run asked about a failed step, and each answer was `retry`. Waiting would have been enough.
    - `RESUME_ENOUGH`: the run stopped, and resuming it after the outage was enough.
    - `NEEDED`: a person had to skip a step, or the run did not reach its goal.
    """

    NOT_ASKED = "not asked"
    RETRY_ENOUGH = "retry was enough"
    RESUME_ENOUGH = "resume was enough"
    NEEDED = "needed"


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class FailureQuestion(_Model):
    """What the run asked about one failed step, and how often each answer was given."""

    step: str
    asked: int
    retries: int
    skips: int


class OutageTrial(_Model):
    """The run during one outage.

    - `outage_seconds`: how long the service fails from the start of the run. None means for the whole run.
    - `failed_calls`: how many calls the outage made fail. Of Lambda, it counts the invocations too.
    - `outcome`: how the run ended, as a status of Step Functions in lowercase. Empty if it could not be played.
    - `reached_goal`: whether the run succeeded and its world has the state of the run without an outage.
    - `resumed`: whether the run stopped, and then reached the goal when it was resumed after the outage.
    - `delay_seconds`: how much later than without an outage the goal was reached. None if it was not.
    - `failed_step`, `error`: where and why the run stopped.
    - `unmet_steps`: the steps that failed or were skipped, although the run went on.
    - `differences`: what differs from the end of the run without an outage.
    """

    outage_seconds: int | None
    failed_calls: int = 0
    outcome: str = ""
    reached_goal: bool = False
    resumed: bool = False
    delay_seconds: float | None = None
    questions: list[FailureQuestion] = []
    failed_step: str = ""
    error: str = ""
    unmet_steps: list[str] = []
    differences: list[str] = []

    @computed_field  # type: ignore[prop-decorator]
    @property
    def operator(self) -> OperatorNeed:
        """Return whether the run needed a person."""
        if self.resumed:
            return OperatorNeed.RESUME_ENOUGH
        if not self.reached_goal or any(question.skips for question in self.questions):
            return OperatorNeed.NEEDED
        return OperatorNeed.RETRY_ENOUGH if self.questions else OperatorNeed.NOT_ASKED


class ServiceDependency(_Model):
    """One service in one Region. `service` is boto3's name. Without trials, the run doesn't call the service there."""

    service: str
    region: str
    calls: int
    whole_run: OutageTrial | None = None
    short: OutageTrial | None = None

    @property
    def trials(self) -> Iterator[OutageTrial]:
        """Yield the trials that were played."""
        yield from (trial for trial in (self.whole_run, self.short) if trial is not None)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def requirement(self) -> Requirement:
        """Return whether the run needs the service."""
        trials = list(self.trials)
        if not trials:
            return Requirement.NOT_CALLED
        if not all(trial.outcome for trial in trials):
            return Requirement.UNKNOWN
        if not all(trial.reached_goal for trial in trials):
            return Requirement.REQUIRED
        delays = (trial.delay_seconds or 0 for trial in trials)
        return Requirement.DELAYS if max(delays) >= SHORTEST_DELAY_SECONDS else Requirement.NOT_REQUIRED


class DependencyTable(_Model):
    """The dependencies of one runbook. `clean_seconds` is the duration of its run without an outage.

    `inputs` is the digest of what the table was computed from (`input_digest`).
    """

    application: str
    runbook: str
    scenario: str
    seed: int
    inputs: str
    clean_seconds: float
    dependencies: list[ServiceDependency]

    def with_requirement(self, requirement: Requirement) -> list[ServiceDependency]:
        """Return the rows with this requirement."""
        return [each for each in self.dependencies if each.requirement is requirement]
