"""Rejects commit subjects that are not `area: verb object` in 72 characters.

    python -m tools.checks.commit_message .git/COMMIT_EDITMSG

`pre-commit install --hook-type commit-msg` runs it on each commit.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

MAX_SUBJECT = 72
_SUBJECT = re.compile(r"[a-z0-9][a-z0-9_./-]*(, [a-z0-9_./-]+)*: [a-z]\S*( \S+)+")
_WRITTEN_BY_GIT = ("Merge ", "Revert ", "fixup! ", "squash! ")


def problem_of(message: str) -> str | None:
    """Return what is wrong with a commit message, or None."""
    subject, _, rest = message.partition("\n")
    if subject.startswith(_WRITTEN_BY_GIT):
        return None
    if len(subject) > MAX_SUBJECT:
        return f"the subject has {len(subject)} characters, at most {MAX_SUBJECT}"
    if not _SUBJECT.fullmatch(subject):
        return f'"{subject}" is not `area: verb object`, such as `sweep: reuse earlier results on --resume`'
    if rest.strip() and rest.partition("\n")[0].strip():
        return "leave the second line empty, and explain the reason in the body"
    return None


def main() -> int:
    """Check the message in the file that git passes. Return 1 when it breaks the rule."""
    problem = problem_of(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if problem:
        print(f"commit message: {problem}", file=sys.stderr)  # noqa: T201
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
