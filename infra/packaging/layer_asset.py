"""The layer with the functions' dependencies, at the versions in `locks/lambda.txt`, without unused files."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from leeward.base.installation.project_folders import find_project
from leeward.infra.packaging import zip_archive
from leeward.infra.packaging.bytecode import compile_files, find_interpreter
from leeward.infra.packaging.code_asset import find_client_services
from leeward.infra.packaging.lambda_target import LAMBDA_TARGET, LambdaTarget

# A link to locks/lambda.txt. The wheel holds the file itself, so that an installed package can build the layer.
LOCK_FILE = Path(__file__).with_name("lambda-lock.txt")
# Change this when the rules for unused files change, so that an old layer is not reused.
_LAYER_VERSION = "3"
_UNUSED_SUFFIXES = (".pyc", ".pyi", ".md", ".rst", ".typed", ".c", ".h", ".exe")
_UNUSED_FOLDERS = frozenset({"__pycache__", "bin", "tests"})
# Only the models of AWS services that are called are included. boto3's `resource` API is not used.
_SERVICE_MODELS, _RESOURCE_MODELS = "botocore/data/", "boto3/data/"


class PackagingFailed(Exception):
    """The layer could not be built. The text says what to do."""


def build_layer_archive(
    target: LambdaTarget = LAMBDA_TARGET,
    build_folder: Path | None = None,
    *,
    lock: Path = LOCK_FILE,
    wanted_services: frozenset[str] | None = None,
) -> Path:
    """Return the layer's archive, building it if it doesn't exist. Raises PackagingFailed.

    `lock` is another lock file than the tasks'. `wanted_services` are the AWS services whose models to include. By
    default, those that the tasks call.
    """
    wanted_services = find_client_services() if wanted_services is None else wanted_services
    interpreter = find_interpreter(target.python)
    compiled_by = "" if interpreter is None else interpreter.version
    key = zip_archive.compute_digest(
        {"lock": lock.read_bytes()}, _LAYER_VERSION, target.name, compiled_by, *sorted(wanted_services)
    )
    build_folder = build_folder or find_project().lambda_build
    path = build_folder / f"layer-{target.name}-{key[:16]}.zip"
    if path.exists():
        return path
    with tempfile.TemporaryDirectory() as folder:
        installed = install_wheels(target, Path(folder), lock)
        files = dict(iter_layer_files(installed, wanted_services))
        bytecode = compile_files(files, interpreter) if interpreter is not None else {}
        return zip_archive.write_zip(path, files | bytecode)


def install_wheels(target: LambdaTarget, folder: Path, lock: Path = LOCK_FILE) -> Path:
    """Install the lock file's wheels for `target` into `folder` without running their code. Raises PackagingFailed."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise PackagingFailed(
            "uv is not installed. Install it: pip install 'leeward[deploy]', or `make test` in a clone"
        )
    command = [
        uv, "pip", "install", "--quiet", "--target", str(folder), "--python-platform", target.platform,
        "--python-version", target.python, "--only-binary", ":all:", "--no-deps", "--require-hashes", "-r", str(lock),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    if done.returncode:
        raise PackagingFailed(
            f"The packages of {lock.name} could not be installed for {target.name}. "
            "If the package index can't be reached, connect to it once. uv then keeps the packages in its cache.\n"
            f"{done.stderr.strip()}"
        )
    return folder


def iter_layer_files(folder: Path, wanted_services: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the path in the layer and the contents of each file that is used at run time."""
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
