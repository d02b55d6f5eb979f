"""The exception that ends a command with a message, hints, and an exit code."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.cli.errors.exit_codes import ExitCode


class CliError(Exception):
    """A command can't continue. `str(error)` says what is wrong, and each line of `hints` says what to do."""

    def __init__(self, message: str, hints: Sequence[str] = (), code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.hints = tuple(hints)
        self.code = code
