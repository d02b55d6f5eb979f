"""What a check found: about what, how it stands, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict


class FindingStatus(StrEnum):
    """`unknown` is never taken for well: what could not be looked at may be what fails tonight."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ReadinessVerdict(StrEnum):
    """`at risk`: it may succeed; something is worn, or could not be looked at."""

    READY = "ready"
    AT_RISK = "at risk"
    NOT_READY = "not ready"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReadinessFinding(_Model):
    """One check of one thing. `check` is `<area>.<what>`; `fix` is empty where all is well."""

    check: str
    subject: str
    status: FindingStatus
    detail: str
    fix: str = ""
    seconds: float | None = None
    """The figure behind it, where it is a time that the board shows: how far replication is behind."""

    @property
    def is_ok(self) -> bool:
        return self.status is FindingStatus.OK


class ExpectedDuration(_Model):
    """In what time a run started now would end, in seconds, and what that is taken from."""

    seconds: int | None
    objective_seconds: int
    source: str


class ReadinessReport(_Model):
    """The answer for one runbook. `score` is the share of the checks that are well, in per cent; the reasons are the
    findings that are not."""

    application: str
    runbook: str
    region: str
    at: AwareDatetime
    verdict: ReadinessVerdict
    score: int
    expected: ExpectedDuration
    findings: tuple[ReadinessFinding, ...]

    @classmethod
    def from_findings(
        cls,
        findings: Iterable[ReadinessFinding],
        *,
        application: str,
        runbook: str,
        region: str,
        at: AwareDatetime,
        expected: ExpectedDuration,
    ) -> Self:
        """Judge: one failed check is enough, since a failover needs everything that is looked at."""
        found = tuple(sorted(findings, key=lambda f: (_SEVERITY_ORDER[f.status], f.check, f.subject)))
        seen = {finding.status for finding in found}
        verdict = ReadinessVerdict.READY
        if seen & {FindingStatus.WARNING, FindingStatus.UNKNOWN} or not found:
            verdict = ReadinessVerdict.AT_RISK
        if FindingStatus.FAILED in seen:
            verdict = ReadinessVerdict.NOT_READY
        well = sum(finding.is_ok for finding in found)
        return cls(
            application=application, runbook=runbook, region=region, at=at, verdict=verdict,
            score=100 * well // len(found) if found else 0, expected=expected, findings=found,
        )  # fmt: skip

    @property
    def reasons(self) -> tuple[ReadinessFinding, ...]:
        """What keeps the score from 100, worst first."""
        return tuple(finding for finding in self.findings if not finding.is_ok)

    @property
    def summary(self) -> str:
        """`at risk: 40 of 42 checks are well; warning replication.lag of web-1: ...`"""
        well = len(self.findings) - len(self.reasons)
        first = "".join(f"; {f.status} {f.check} of {f.subject}: {f.detail}" for f in self.reasons[:3])
        more = f"; and {len(self.reasons) - 3} more" if len(self.reasons) > 3 else ""  # noqa: PLR2004 - what fits a line
        return f"{self.verdict}: {well} of {len(self.findings)} checks are well{first}{more}"


_SEVERITY_ORDER = {FindingStatus.FAILED: 0, FindingStatus.UNKNOWN: 1, FindingStatus.WARNING: 2, FindingStatus.OK: 3}


def ok(check: str, subject: str, detail: str) -> ReadinessFinding:
    return ReadinessFinding(check=check, subject=subject, status=FindingStatus.OK, detail=detail)


def warning(check: str, subject: str, detail: str, fix: str) -> ReadinessFinding:
    return ReadinessFinding(check=check, subject=subject, status=FindingStatus.WARNING, detail=detail, fix=fix)


def failed(check: str, subject: str, detail: str, fix: str) -> ReadinessFinding:
    return ReadinessFinding(check=check, subject=subject, status=FindingStatus.FAILED, detail=detail, fix=fix)


def unknown(check: str, subject: str, detail: str, fix: str) -> ReadinessFinding:
    return ReadinessFinding(check=check, subject=subject, status=FindingStatus.UNKNOWN, detail=detail, fix=fix)
