"""What the functions import, at the versions of `locks/lambda.txt`, without what they never open."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from leeward.infra.packaging import zip_archive
from leeward.infra.packaging.code_asset import find_client_services
from leeward.infra.packaging.lambda_target import LAMBDA_BUILD_FOLDER, LAMBDA_TARGET, PROJECT_ROOT, LambdaTarget

LOCK_FILE = PROJECT_ROOT / "locks" / "lambda.txt"
# Changed when what is left out changes, so that an older layer is not taken for the new one.
_LAYER_VERSION = "2"
_UNUSED_SUFFIXES = (".pyc", ".pyi", ".md", ".rst", ".typed", ".c", ".h", ".exe")
_UNUSED_FOLDERS = frozenset({"__pycache__", "bin", "tests"})
# Of AWS's services only the models of those that are called; of boto3's own `resource` API nothing is.
_SERVICE_MODELS, _RESOURCE_MODELS = "botocore/data/", "boto3/data/"


class PackagingFailed(Exception):
    """The layer could not be built; the text says what to do."""


def build_layer_archive(
    target: LambdaTarget = LAMBDA_TARGET,
    build_folder: Path = LAMBDA_BUILD_FOLDER,
    *,
    lock: Path = LOCK_FILE,
    wanted_services: frozenset[str] | None = None,
) -> Path:
    """The layer's archive, made where it is not there yet. Raises CannotPackage.

    `lock`: another lock file than the tasks' own. `wanted`: AWS's services, where not the tasks call them.
    """
    wanted_services = find_client_services() if wanted_services is None else wanted_services
    key = zip_archive.compute_digest({"lock": lock.read_bytes()}, _LAYER_VERSION, target.name, *sorted(wanted_services))
    path = build_folder / f"layer-{target.name}-{key[:16]}.zip"
    if path.exists():
        return path
    with tempfile.TemporaryDirectory() as folder:
        installed = install_wheels(target, Path(folder), lock)
        return zip_archive.write_zip(path, dict(iter_layer_files(installed, wanted_services)))


def install_wheels(target: LambdaTarget, folder: Path, lock: Path = LOCK_FILE) -> Path:
    """Install the lock's wheels for `target` into `folder`; no code of theirs is run. Raises CannotPackage."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise PackagingFailed("uv is not installed: run `make test` once, or install it, and try again")
    command = [
        uv, "pip", "install", "--quiet", "--target", str(folder), "--python-platform", target.platform,
        "--python-version", target.python, "--only-binary", ":all:", "--no-deps", "--require-hashes", "-r", str(lock),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        raise PackagingFailed(
            f"the packages of {lock.relative_to(PROJECT_ROOT)} could not be installed for {target.name}. "
            f"Where the package "
            "index can't be reached, connect once: they are kept in uv's cache, and from then on it works without.\n"
            f"{done.stderr.strip()}"
        )
    return folder


def iter_layer_files(folder: Path, wanted_services: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """Path in the layer -> contents, of all that is opened at run time."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not _is_unused(name, wanted_services):
            yield f"python/{name.as_posix()}", path.read_bytes()


def _is_unused(name: Path, wanted_services: frozenset[str]) -> bool:
    text, folders = name.as_posix(), name.parts[:-1]
    if name.suffix in _UNUSED_SUFFIXES or name.name == ".lock" or _UNUSED_FOLDERS.intersection(folders):
        return True
    if any(folder.endswith(".dist-info") for folder in folders) or text.startswith(_RESOURCE_MODELS):
        return True
    if text.startswith(_SERVICE_MODELS):
        service = text.removeprefix(_SERVICE_MODELS).split("/", 1)
        return len(service) > 1 and service[0] not in wanted_services
    return False
