"""The service's own code as an archive, and the packages of `locks/ticketing.txt` as a layer."""

from __future__ import annotations

from pathlib import Path

from leeward.infra.packaging import archive, layer
from leeward.infra.packaging.target import BUILD, ROOT

LOCK = ROOT / "locks" / "ticketing.txt"
# The stand-ins for a laptop and the page are not deployed with the functions.
_FILES = ("workloads/__init__.py", "workloads/ticketing/__init__.py", "workloads/ticketing/table.py")
_FOLDERS = ("workloads/ticketing/api",)


def files(root: Path = ROOT) -> dict[str, bytes]:
    """Path in the archive -> contents."""
    found = [root / name for name in _FILES] + [p for folder in _FOLDERS for p in (root / folder).rglob("*.py")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(found)}


def code(root: Path = ROOT, build: Path = BUILD) -> Path:
    """The archive, made where it is not there yet."""
    found = files(root)
    path = build / f"ticketing-{archive.digest(found)[:16]}.zip"
    return path if path.exists() else archive.write(path, found)


def version(root: Path = ROOT) -> str:
    """What /health tells as its version: of the code, not of the day."""
    return archive.digest(files(root))[:12]


def packages() -> Path:
    """The layer's archive."""
    return layer(lock=LOCK, wanted=frozenset({"dynamodb"}))
