"""Replaces attributes of modules and classes, and restores them.

Nothing in the twin replaces an attribute of moto, botocore, urllib3, or Python's modules in another way, except for the
handlers that `interception.botocore_hook` adds. A process that opened a simulation is therefore the same afterward.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from leeward.twin.errors import MotoPatchFailed, TwinError


@dataclass(frozen=True, slots=True)
class Replacement:
    """One attribute that was replaced. `before` is `ABSENT` if the owner itself had no such attribute."""

    owner: Any
    name: str
    before: Any
    new: Any

    def is_in_place(self) -> bool:
        """Return whether the attribute still has the new value."""
        return _attributes(self.owner).get(self.name, ABSENT) is self.new


ABSENT = object()
# The replacements of the open simulation, in order. None outside a simulation.
_journal: list[Replacement] | None = None


@contextmanager
def restored_attributes() -> Iterator[list[Replacement]]:
    """Restore on exit, in reverse order, every attribute that was replaced inside. Yield the replacements so far.

    Raises TwinError if attributes are already replaced, because the inner exit would not restore the originals.
    """
    global _journal  # noqa: PLW0603 - an attribute of a module has one value per process
    if _journal is not None:
        raise TwinError("the twin's patches are already applied in this process")
    journal = _journal = []
    try:
        yield journal
    finally:
        _journal = None
        for replacement in reversed(journal):
            _set(replacement.owner, replacement.name, replacement.before)


def are_attributes_replaced() -> bool:
    """Return whether `restored_attributes` is open."""
    return _journal is not None


def replace_attribute(owner: Any, name: str, new: Any) -> Any:
    """Set `owner.name` to `new` until the simulation closes, and return the previous value.

    Raises MotoPatchFailed when the attribute does not exist, and TwinError outside `restored_attributes`.
    """
    if not hasattr(owner, name):
        raise MotoPatchFailed(f"moto has changed: {getattr(owner, '__name__', owner)} has no {name}")
    before = getattr(owner, name)
    set_attribute(owner, name, new)
    return before


def add_attribute(owner: Any, name: str, new: Any) -> None:
    """Add an attribute that the owner lacks, until the simulation closes.

    Raises MotoPatchFailed when the attribute exists, and TwinError outside `restored_attributes`.
    """
    if hasattr(owner, name):
        raise MotoPatchFailed(f"moto has changed: {getattr(owner, '__name__', owner)} has {name} already")
    set_attribute(owner, name, new)


def set_attribute(owner: Any, name: str, new: Any) -> None:
    """Set `owner.name` until the simulation closes, whether or not it exists.

    `owner` is a module, a class, or a dict such as `sys.modules`. Raises TwinError outside `restored_attributes`.
    """
    if _journal is None:
        raise TwinError(f"{getattr(owner, '__name__', owner)}.{name} can only be replaced while a simulation is open")
    _journal.append(Replacement(owner, name, _attributes(owner).get(name, ABSENT), new))
    _set(owner, name, new)


def _attributes(owner: Any) -> Mapping[str, Any]:
    return owner if isinstance(owner, dict) else vars(owner)


def _set(owner: Any, name: str, value: Any) -> None:
    if isinstance(owner, dict):
        if value is ABSENT:
            owner.pop(name, None)
        else:
            owner[name] = value
    elif value is not ABSENT:
        setattr(owner, name, value)
    elif name in vars(owner):
        delattr(owner, name)
