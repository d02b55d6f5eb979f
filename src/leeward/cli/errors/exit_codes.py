"""The exit codes of every command, which let a pipeline distinguish a failed rehearsal from invalid usage."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit code of a command."""

    SUCCESS = 0
    """The command succeeded and found no issues."""
    ISSUES_FOUND = 1
    """The command ran and found an issue, such as a failed rehearsal, invalid documents, or drift."""
    USAGE = 2
    """The usage is invalid, or the documents that the command needs have errors. Typer uses the same code."""
    UNREACHABLE = 69
    """No Region responded, or no twin is served at the URL (EX_UNAVAILABLE of sysexits.h)."""
    INTERNAL_ERROR = 70
    """An unexpected error in Leeward (EX_SOFTWARE)."""
    DENIED = 77
    """AWS denied access: the credentials are missing or expired, or lack a permission (EX_NOPERM)."""
    INTERRUPTED = 130
    """The user pressed Ctrl-C: 128 + SIGINT."""
    BROKEN_PIPE = 141
    """The reader closed the output pipe: 128 + SIGPIPE."""
