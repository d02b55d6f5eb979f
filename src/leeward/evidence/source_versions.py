"""Reads the versions of the documents that defined a run: hashes, the git commit, and uncommitted changes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from leeward.evidence.model import SourceDocument, SourceVersions

_GIT_SECONDS = 5


def read_source_versions(root: Path, paths: Iterable[Path]) -> SourceVersions:
    """Return the versions of the files at `paths` below `root`. The commit is None outside git or if git is slow."""
    files = sorted(path for path in paths if path.is_file())
    documents = [
        SourceDocument(path=path.relative_to(root).as_posix(), sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        for path in files
    ]
    commit = _run_git(root, "rev-parse", "HEAD")
    if commit is None:
        return SourceVersions(documents=documents)
    status = _run_git(root, "status", "--porcelain", "--", *(d.path for d in documents)) or ""
    changed = [line[3:] for line in status.splitlines() if line]
    return SourceVersions(commit=commit.strip(), changed=changed, documents=documents)


def _run_git(root: Path, *arguments: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    try:
        completed = subprocess.run(  # noqa: S603 - git, with our own arguments
            [git, *arguments], cwd=root, capture_output=True, text=True, timeout=_GIT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return completed.stdout if completed.returncode == 0 else None
