"""The service's own code as an archive, and the packages in `locks/ticketing.txt` as a layer."""

from __future__ import annotations

from pathlib import Path

from leeward.base.installation.project_folders import ProjectFolders
from leeward.infra.packaging import zip_archive
from leeward.infra.packaging.layer_asset import build_layer_archive

PROJECT_ROOT = Path(__file__).resolve().parents[4]
LOCK_FILE = PROJECT_ROOT / "locks" / "ticketing.txt"
# The simulators for a laptop and the page are not deployed with the functions.
_DEPLOYED_FILES = ("workloads/__init__.py", "workloads/ticketing/__init__.py", "workloads/ticketing/table_schema.py")
_DEPLOYED_FOLDERS = ("workloads/ticketing/api",)


def read_code_files(root: Path = PROJECT_ROOT) -> dict[str, bytes]:
    """Return the contents of the files, by path in the archive."""
    files = [root / name for name in _DEPLOYED_FILES] + [
        p for folder in _DEPLOYED_FOLDERS for p in (root / folder).rglob("*.py")
    ]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(files)}


def build_code_archive(root: Path = PROJECT_ROOT, build_folder: Path | None = None) -> Path:
    """Return the archive, building it if it doesn't exist."""
    files = read_code_files(root)
    build_folder = build_folder or ProjectFolders(root).lambda_build
    path = build_folder / f"ticketing-{zip_archive.compute_digest(files)[:16]}.zip"
    return path if path.exists() else zip_archive.write_zip(path, files)


def code_version(root: Path = PROJECT_ROOT) -> str:
    """Return the version that /health reports, a digest of the code."""
    return zip_archive.compute_digest(read_code_files(root))[:12]


def build_layer() -> Path:
    """Return the layer's archive."""
    return build_layer_archive(lock=LOCK_FILE, wanted_services=frozenset({"dynamodb"}))
