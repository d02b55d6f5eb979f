"""What one call of a task tells the next one, as the text `memo` of a poll."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError


class Memo(BaseModel):
    """Base of the memos. A memo is only a hint: a call without one must reach the same result."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """Return the memo in `text`. None without one, or for that of another version."""
        try:
            return None if text is None else cls.model_validate_json(text)
        except ValidationError:
            return None
