"""The archive of the project's code that the functions run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from leeward.base.installation.project_folders import find_project
from leeward.infra.packaging import zip_archive
from leeward.infra.packaging.bytecode import compile_files, find_interpreter
from leeward.infra.packaging.lambda_target import LAMBDA_TARGET, PACKAGE, LambdaTarget
from leeward.infra.packaging.plugins.plugin_code import read_plugin_files

# The `lambdas` layer and those below it (ARCHITECTURE.md). A test imports every handler from the archive alone.
DEPLOYED_PACKAGES = (
    "api",
    "base",
    "board",
    "common",
    "control",
    "data",
    "drs",
    "evidence",
    "kinds",
    "lambdas",
    "readiness",
    "traffic",
)
# Code, and the templates and styles of the board's pages.
_DEPLOYED_SUFFIXES = frozenset({".py", ".jinja", ".css"})
# aws_xray_sdk creates a client when it is imported.
_DEPENDENCY_SERVICES = ("xray",)
# How the code creates clients: `client("drs", ...)`.
_CLIENT_CALL = re.compile(r"\b(?:signal_)?client\(\s*\"([a-z0-9-]+)\"")


def read_code_files(package: Path = PACKAGE) -> dict[str, bytes]:
    """Return the contents of the files, by path in the archive."""
    own = {
        path.relative_to(package.parent).as_posix(): path.read_bytes()
        for path in (package / "__init__.py", *_below(package))
        if path.suffix in _DEPLOYED_SUFFIXES
    }
    return own | read_plugin_files()


def _below(package: Path) -> Iterator[Path]:
    for name in DEPLOYED_PACKAGES:
        yield from sorted((package / name).rglob("*"))


def find_client_services(package: Path = PACKAGE) -> frozenset[str]:
    """Return the AWS services that the code and its dependencies create clients for, by their boto3 names."""
    called = (name for text in read_code_files(package).values() for name in _CLIENT_CALL.findall(text.decode()))
    return frozenset({*called, *_DEPENDENCY_SERVICES})


def build_code_archive(
    package: Path = PACKAGE, build_folder: Path | None = None, *, target: LambdaTarget = LAMBDA_TARGET
) -> Path:
    """Return the archive, building it if it doesn't exist. It has bytecode if this machine has the target's Python."""
    files = read_code_files(package)
    interpreter = find_interpreter(target.python)
    compiled_by = "" if interpreter is None else interpreter.version
    path = (build_folder or find_project().lambda_build) / (
        f"code-{zip_archive.compute_digest(files, compiled_by)[:16]}.zip"
    )
    if path.exists():
        return path
    return zip_archive.write_zip(path, files | (compile_files(files, interpreter) if interpreter is not None else {}))
