"""The report of one invariant about one run."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, NonNegativeInt, model_validator


class InvariantReport(BaseModel):
    """An invariant, whether it held throughout the rehearsal, and the observed detail.

    If it isn't `applicable`, it had nothing to check, and `detail` says why. `checked` counts what was compared, and
    is None in results of version 0.1, which did not count.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    held: bool
    detail: str
    applicable: bool = True
    checked: NonNegativeInt | None = 0

    @model_validator(mode="after")
    def _require_comparison(self) -> Self:
        if self.held and (not self.applicable or self.checked == 0):
            raise ValueError(f"{self.name} can't hold: nothing was checked. Use InvariantReport.of")
        return self

    @classmethod
    def of(cls, name: str, checked: int, detail: str, *, otherwise: str) -> InvariantReport:
        """Return the report of an invariant that wasn't violated. If `checked` is 0, it isn't applicable."""
        held = checked > 0
        return cls(name=name, held=held, detail=detail if held else otherwise, applicable=held, checked=checked)

    @classmethod
    def violation(cls, name: str, detail: str, checked: int = 1) -> InvariantReport:
        """Return the report of an invariant that was violated."""
        return cls(name=name, held=False, detail=detail, checked=checked)

    @classmethod
    def not_applicable(cls, name: str, reason: str) -> InvariantReport:
        """Return the report of an invariant that had nothing to check, because of `reason`."""
        return cls(name=name, held=False, detail=reason, applicable=False)

    @property
    def violated(self) -> bool:
        """Return whether the invariant had something to check and did not hold."""
        return self.applicable and not self.held


def mark_uncounted(reports: Any) -> Any:
    """Return stored reports, those without a count marked as such. It prepares a field's input for validation."""
    if not isinstance(reports, list):
        return reports
    return [{"checked": None} | each if isinstance(each, dict) else each for each in reports]


InvariantReports = Annotated[list[InvariantReport], BeforeValidator(mark_uncounted)]
