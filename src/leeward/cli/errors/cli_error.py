"""What stops a command before it can do its work, told in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.cli.errors.exit_codes import ExitCode


class CliError(Exception):
    """A command cannot go on. `str(error)` says what is wrong; `mend` says, line by line, what to do about it."""

    def __init__(self, message: str, hints: Sequence[str] = (), code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.hints = tuple(hints)
        self.code = code
