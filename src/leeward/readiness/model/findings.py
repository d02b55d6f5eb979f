"""Findings of readiness checks, and the report with its verdict and score."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict


class FindingStatus(StrEnum):
    """Status of a finding. `unknown` means that the check could not run. It never counts as `ok`."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ReadinessVerdict(StrEnum):
    """Verdict of a report. `at risk` means that a failover may succeed, but a check has a warning or could not run."""

    READY = "ready"
    AT_RISK = "at risk"
    NOT_READY = "not ready"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ReadinessFinding(_Model):
    """The result of one check of one subject. `check` is `<area>.<name>`. `fix` is empty if `status` is `ok`."""

    check: str
    subject: str
    status: FindingStatus
    detail: str
    fix: str = ""
    seconds: float | None = None
    """The replication lag in seconds, for findings that measure one. The board shows it."""

    @property
    def is_ok(self) -> bool:
        return self.status is FindingStatus.OK


class ExpectedDuration(_Model):
    """The expected duration of a run that starts now, in seconds, and the source of the estimate."""

    seconds: int | None
    objective_seconds: int
    source: str


class ReadinessReport(_Model):
    """The readiness report of one runbook. `score` is the share of checks that passed, in percent."""

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
        """Build a report. One failed check makes it `not ready`: a failover needs everything that is checked."""
        ordered = tuple(sorted(findings, key=lambda f: (_SEVERITY_ORDER[f.status], f.check, f.subject)))
        statuses = {finding.status for finding in ordered}
        verdict = ReadinessVerdict.READY
        if statuses & {FindingStatus.WARNING, FindingStatus.UNKNOWN} or not ordered:
            verdict = ReadinessVerdict.AT_RISK
        if FindingStatus.FAILED in statuses:
            verdict = ReadinessVerdict.NOT_READY
        passed = sum(finding.is_ok for finding in ordered)
        return cls(
            application=application, runbook=runbook, region=region, at=at, verdict=verdict,
            score=100 * passed // len(ordered) if ordered else 0, expected=expected, findings=ordered,
        )  # fmt: skip

    @property
    def reasons(self) -> tuple[ReadinessFinding, ...]:
        """The findings that are not `ok`, worst first."""
        return tuple(finding for finding in self.findings if not finding.is_ok)

    @property
    def summary(self) -> str:
        """One line: `at risk: 40 of 42 checks passed; warning replication.lag of web-1: ...`."""
        passed = len(self.findings) - len(self.reasons)
        first = "".join(f"; {f.status} {f.check} of {f.subject}: {f.detail}" for f in self.reasons[:3])
        more = f"; and {len(self.reasons) - 3} more" if len(self.reasons) > 3 else ""  # noqa: PLR2004 - as many as fit on a line
        return f"{self.verdict}: {passed} of {len(self.findings)} checks passed{first}{more}"


_SEVERITY_ORDER = {FindingStatus.FAILED: 0, FindingStatus.UNKNOWN: 1, FindingStatus.WARNING: 2, FindingStatus.OK: 3}


def ok(check: str, subject: str, detail: str) -> ReadinessFinding:
    """Return a finding that needs no fix."""
    return ReadinessFinding(check=check, subject=subject, status=FindingStatus.OK, detail=detail)


def warning(check: str, subject: str, detail: str, fix: str) -> ReadinessFinding:
    """Return a finding that may become a failure. `fix` says what to do."""
    return ReadinessFinding(check=check, subject=subject, status=FindingStatus.WARNING, detail=detail, fix=fix)


def failed(check: str, subject: str, detail: str, fix: str) -> ReadinessFinding:
    """Return a finding with which a failover would fail. `fix` says what to do."""
    return ReadinessFinding(check=check, subject=subject, status=FindingStatus.FAILED, detail=detail, fix=fix)


def unknown(check: str, subject: str, detail: str, fix: str) -> ReadinessFinding:
    """Return a finding about a subject that could not be looked at. `fix` says what to do."""
    return ReadinessFinding(check=check, subject=subject, status=FindingStatus.UNKNOWN, detail=detail, fix=fix)
