"""The package's extras, and the error of a command whose extra is not installed."""

from __future__ import annotations

import importlib.util

# Modules that only the extra installs, by the extra's name in pyproject.toml.
_MODULES_BY_EXTRA = {
    "rehearse": ("moto", "greenlet", "time_machine", "jwt"),
    "report": ("matplotlib", "fast_sugiyama"),
    "deploy": ("aws_cdk", "cdk_nag", "constructs"),
}


class MissingExtra(Exception):
    """A command needs an extra that is not installed. `install_command` installs it."""

    def __init__(self, command: str, extra: str) -> None:
        super().__init__(f'{command} needs the extra "{extra}"')
        self.extra = extra
        self.install_command = f"pip install 'leeward[{extra}]'"


def missing_extra(error: ModuleNotFoundError, command: str) -> MissingExtra | None:
    """Return the MissingExtra behind a failed import, or None if no extra installs the module."""
    module = (error.name or "").partition(".")[0]
    for extra, modules in _MODULES_BY_EXTRA.items():
        if module in modules:
            return MissingExtra(command, extra)
    return None


def require_extra(extra: str, *, command: str) -> None:
    """Raise MissingExtra unless every module of `extra` can be found.

    The check imports nothing, so it takes a millisecond. `command` is the command as the user typed it.
    """
    if not all(_is_installed(module) for module in _MODULES_BY_EXTRA[extra]):
        raise MissingExtra(command, extra)


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # ValueError: the module in sys.modules has no spec
        return False
