"""Exit codes, the same for every command, so that a pipeline can tell a failed rehearsal from a misspelt name."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the command's exit code means."""

    SUCCESS = 0
    """All well."""
    ISSUES_FOUND = 1
    """The command did its work and found something: a rehearsal that did not pass, problems, drift."""
    USAGE = 2
    """The command was misused, or the documents it needs are wrong. The same code that Typer uses."""
    UNREACHABLE = 69
    """No Region answered, or no twin is served there (EX_UNAVAILABLE)."""
    INTERNAL_ERROR = 70
    """A defect in Leeward itself (EX_SOFTWARE of sysexits.h)."""
    DENIED = 77
    """AWS refused: no credentials, expired ones, or a permission that is lacking (EX_NOPERM)."""
    INTERRUPTED = 130
    """Ctrl-C: 128 + SIGINT."""
    BROKEN_PIPE = 141
    """Whoever read the output went away: 128 + SIGPIPE."""
