"""What stops a command before it can do its work, told in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.cli.exits import ExitCode


class Trouble(Exception):
    """A command cannot go on. `str(error)` says what is wrong; `mend` says, line by line, what to do about it."""

    def __init__(self, what: str, mend: Sequence[str] = (), code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(what)
        self.mend = tuple(mend)
        self.code = code
