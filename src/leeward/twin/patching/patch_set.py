"""A list of patches that is applied when a simulation opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from leeward.twin.patching.attribute_replacement import Replacement, restored_attributes, set_attribute

# Replaces attributes with the functions of `attribute_replacement`. Its docstring says what unpatched moto does.
Patch = Callable[[], None]


class PatchSet:
    """Patches in the order in which they are applied. Later patches build on earlier ones.

    The first application calls each patch function and records what it replaced. Later ones repeat the recorded
    replacements, so the caches inside the replacing functions are kept, and opening a simulation stays fast.
    """

    def __init__(self, patches: Sequence[Patch], repeated: Sequence[Patch] = ()) -> None:
        """Create the set. `repeated` patches come last, and are called at each application."""
        self._patches, self._repeated = tuple(patches), tuple(repeated)
        self._recorded: dict[str, list[Replacement]] = {}
        self._journal: list[Replacement] = []

    def add(self, patch: Patch) -> None:
        """Apply `patch` in every simulation that opens from now on. Adding it again has no effect."""
        if patch not in self._patches:
            self._patches = (*self._patches, patch)

    @property
    def names(self) -> list[str]:
        """Return the names of all patches, such as `execution_stopping.wake_states_on_stop`."""
        return [patch_name(patch) for patch in (*self._patches, *self._repeated)]

    @property
    def patches(self) -> tuple[Patch, ...]:
        """Return all patches in the order of their application."""
        return (*self._patches, *self._repeated)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Apply every patch, and restore what they replaced on exit.

        Raises MotoPatchFailed when a patch doesn't fit the installed moto. Everything is then restored.
        """
        with restored_attributes() as journal:
            self._journal = journal
            try:
                for patch in self.patches:
                    self._apply(patch)
                yield
            finally:
                self._journal = []

    def _apply(self, patch: Patch) -> None:
        name, start = patch_name(patch), len(self._journal)
        recorded = None if patch in self._repeated else self._recorded.get(name)
        if recorded is None:
            patch()
            self._recorded[name] = self._journal[start:]
        else:
            for replacement in recorded:
                set_attribute(replacement.owner, replacement.name, replacement.new)

    def active_patches(self) -> set[str]:
        """Return the names of the patches that are applied and whose replacements are in place now."""
        latest = {(id(each.owner), each.name): each for each in self._journal}
        return {
            name
            for name, replacements in self._recorded.items()
            if replacements and all(_is_active(each, latest) for each in replacements)
        }


def patch_name(patch: Patch) -> str:
    """Return `module.function`."""
    return f"{patch.__module__.rsplit('.', 1)[-1]}.{patch.__name__}"


def _is_active(replacement: Replacement, latest: dict[tuple[int, str], Replacement]) -> bool:
    """Return whether the attribute has the value of its last replacement, which builds on this one."""
    last = latest.get((id(replacement.owner), replacement.name))
    return last is not None and last.is_in_place()
