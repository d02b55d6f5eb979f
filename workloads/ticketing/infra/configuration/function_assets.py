"""The service's own code as an archive, and the packages of `locks/ticketing.txt` as a layer."""

from __future__ import annotations

from pathlib import Path

from leeward.infra.packaging import zip_archive
from leeward.infra.packaging.lambda_target import LAMBDA_BUILD_FOLDER, PROJECT_ROOT
from leeward.infra.packaging.layer_asset import build_layer_archive

LOCK_FILE = PROJECT_ROOT / "locks" / "ticketing.txt"
# The stand-ins for a laptop and the page are not deployed with the functions.
_DEPLOYED_FILES = ("workloads/__init__.py", "workloads/ticketing/__init__.py", "workloads/ticketing/table_schema.py")
_DEPLOYED_FOLDERS = ("workloads/ticketing/api",)


def read_code_files(root: Path = PROJECT_ROOT) -> dict[str, bytes]:
    """Path in the archive -> contents."""
    found = [root / name for name in _DEPLOYED_FILES] + [
        p for folder in _DEPLOYED_FOLDERS for p in (root / folder).rglob("*.py")
    ]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(found)}


def build_code_archive(root: Path = PROJECT_ROOT, build_folder: Path = LAMBDA_BUILD_FOLDER) -> Path:
    """The archive, made where it is not there yet."""
    found = read_code_files(root)
    path = build_folder / f"ticketing-{zip_archive.compute_digest(found)[:16]}.zip"
    return path if path.exists() else zip_archive.write_zip(path, found)


def code_version(root: Path = PROJECT_ROOT) -> str:
    """What /health tells as its version: of the code, not of the day."""
    return zip_archive.compute_digest(read_code_files(root))[:12]


def build_layer() -> Path:
    """The layer's archive."""
    return build_layer_archive(lock=LOCK_FILE, wanted_services=frozenset({"dynamodb"}))
