"""Reproducible zip archives, which depend only on the names and contents of their files."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

# The earliest time that a zip file supports. It is the same for every file, whenever it was checked out.
_ENTRY_TIME = (1980, 1, 1, 0, 0, 0)
_ENTRY_MODE = 0o644 << 16


def compute_digest(files: Mapping[str, bytes], *more: str) -> str:
    """Return the SHA-256 digest of the names and contents, and of the texts in `more`."""
    digest = hashlib.sha256("\0".join(more).encode())
    for name in sorted(files):
        digest.update(f"\0{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files sorted by name. The write is atomic, because another process may read `path` at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{compute_digest(files)[:8]}.unfinished")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _ENTRY_TIME)
            entry.external_attr, entry.compress_type, entry.create_system = _ENTRY_MODE, zipfile.ZIP_DEFLATED, 3
            archive.writestr(entry, files[name])
    unfinished.replace(path)
    return path
