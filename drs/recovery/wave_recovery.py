"""Recover server groups in waves: the next wave starts when every group of the previous one is up.

Each call observes all groups and goes through the waves in order, so it needs nothing from earlier calls. A call that
got the memo of an earlier one first looks only at the jobs and instances that the earlier one was waiting for. As long
as these are at work, nothing else can have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from leeward.common.claims.types.claim import Claim
from leeward.common.claims.types.server_claims import Launched
from leeward.common.errors import Permanent
from leeward.common.polling import PollResult
from leeward.common.task_calls.memo import Memo
from leeward.common.task_calls.poll_parts import PolledParts
from leeward.drs.api import queries
from leeward.drs.inventory.recovery_instances import are_starting
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.recovery.group_recovery import GroupProgress, GroupRecovery
from leeward.drs.recovery.launch_observation import LaunchObservation

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client


class LaunchMemo(Memo):
    """What a call tells the next one: the number of waves that are up, and what the current wave waits for.

    `ready_at` is when that can be over at the earliest.
    """

    waves: int = 0
    detail: str = ""
    jobs: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    ready_at: datetime

    def ready_in_seconds(self, now: datetime) -> float:
        """Return the seconds until what is waited for can be over."""
        return max(0.0, (self.ready_at - now).total_seconds())


@dataclass(frozen=True, slots=True)
class WaveRecovery:
    """One recovery of several groups. `recovery_of(group)` returns the recovery of one of them.

    `on_wave_up` is called with what a wave launched, when all of it is up, or when the step fails.
    """

    drs: DrsClient
    ec2: EC2Client
    waves: Sequence[Sequence[ServerGroup]]
    observe: Callable[[], LaunchObservation]
    recovery_of: Callable[[ServerGroup], GroupRecovery]
    on_wave_up: Callable[[Iterator[Launched]], None]

    def advance(self, now: datetime, memo_text: str | None, *, is_last: bool = False) -> PollResult:
        """Start the launches that are due, and return the progress of all groups.

        `is_last` means that the step times out after this poll. Raises the error of a group, as
        `GroupRecovery.advance` does, when the other groups of its wave are up or failed too.
        """
        memo = LaunchMemo.parse(memo_text)
        if memo is not None and not is_last and self._is_at_work(memo):
            return PollResult(False, memo.detail, memo=memo_text, ready_in_seconds=memo.ready_in_seconds(now))
        waves_up = memo.waves if memo is not None else 0
        observation = self.observe()
        done = PolledParts()
        for number, wave in enumerate(self.waves, start=1):
            parts, progress = self._advance_wave(wave, observation, is_last=is_last)
            done.results |= parts.results
            if parts.is_done and number > waves_up:
                self.on_wave_up(_launched(parts.claims))
            if not parts.is_done:
                done.failures, done.missed = parts.failures, parts.missed
                try:
                    waiting = done.combine(is_last=is_last)
                except Permanent:
                    self.on_wave_up(_launched(parts.claims))
                    raise
                return self._with_memo(waiting, number - 1, progress, now)
        return done.combine()

    def _is_at_work(self, memo: LaunchMemo) -> bool:
        if memo.jobs:
            # A server that failed is reported when the others have ended, so the first job that ends changes nothing.
            return any(job.is_active for job in queries.get_jobs(self.drs, memo.jobs))
        return bool(memo.instances) and are_starting(self.ec2, memo.instances)

    def _advance_wave(
        self, wave: Sequence[ServerGroup], observation: LaunchObservation, *, is_last: bool
    ) -> tuple[PolledParts, Mapping[str, GroupProgress]]:
        parts, progress_by_group = PolledParts(), {}

        def advance(group: ServerGroup) -> PollResult:
            progress = self.recovery_of(group).advance(observation.of_group(group.name), is_last=is_last)
            for job, servers in progress.started.items():
                observation.note_started(job, servers)
            progress_by_group[group.name] = progress
            return progress.result

        for group in wave:
            parts.poll(group.name, lambda group=group: advance(group))  # type: ignore[misc]
        return parts, progress_by_group

    def _with_memo(
        self, result: PollResult, waves_up: int, progress: Mapping[str, GroupProgress], now: datetime
    ) -> PollResult:
        watched = [each.watched for each in progress.values() if not each.result.done]
        known = [one for one in watched if one is not None]
        memo = LaunchMemo(waves=waves_up, detail=result.detail, ready_at=now)
        if len(known) == len(watched):
            memo = memo.model_copy(
                update={
                    "jobs": tuple(sorted({job for one in known for job in one.jobs})),
                    "instances": tuple(sorted({instance for one in known for instance in one.instances})),
                    "ready_at": max((one.ready_at for one in known), default=now),
                }
            )
        return replace(result, memo=memo.model_dump_json(), ready_in_seconds=memo.ready_in_seconds(now))


def _launched(claims: Iterable[Claim]) -> Iterator[Launched]:
    """Yield the groups that are up, among a wave's claims."""
    return (claim for claim in claims if isinstance(claim, Launched))
