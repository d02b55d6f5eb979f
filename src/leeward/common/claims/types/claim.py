"""The base of all claims."""

from __future__ import annotations

from abc import ABC, abstractmethod

from pydantic import BaseModel, ConfigDict


class Claim(BaseModel, ABC):
    """What a step says it did or found, with the facts. Each type narrows `claim` to a literal that journals store."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    claim: str

    @property
    @abstractmethod
    def text(self) -> str:
        """Return the claim as one line for operators."""
