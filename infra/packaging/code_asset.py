"""The project's own code, as far as functions run it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from leeward.infra.packaging import zip_archive
from leeward.infra.packaging.lambda_target import LAMBDA_BUILD_FOLDER, PACKAGE

# The layers at and below `lambdas` (ARCHITECTURE.md); a test imports every handler from the archive alone.
DEPLOYED_PACKAGES = ("base", "board", "common", "control", "data", "drs", "evidence", "lambdas", "readiness", "traffic")
# Code, and what the board's pages are made of.
_DEPLOYED_SUFFIXES = frozenset({".py", ".jinja", ".css"})
# aws_xray_sdk makes a client when it is imported.
_DEPENDENCY_SERVICES = ("xray",)
# How clients are made: `client("drs", ...)`, and `reach.of("acm")` in readiness.
_CLIENT_CALL = re.compile(r"\bclient\(\s*\"([a-z0-9-]+)\"")


def read_code_files(package: Path = PACKAGE) -> dict[str, bytes]:
    """Path in the archive -> contents."""
    return {
        path.relative_to(package.parent).as_posix(): path.read_bytes()
        for path in (package / "__init__.py", *_below(package))
        if path.suffix in _DEPLOYED_SUFFIXES
    }


def _below(package: Path) -> Iterator[Path]:
    for name in DEPLOYED_PACKAGES:
        yield from sorted((package / name).rglob("*"))


def find_client_services(package: Path = PACKAGE) -> frozenset[str]:
    """The AWS services whose clients the code, and what it imports, makes; by boto3's names."""
    own = (name for text in read_code_files(package).values() for name in _CLIENT_CALL.findall(text.decode()))
    return frozenset({*own, *_DEPENDENCY_SERVICES})


def build_code_archive(package: Path = PACKAGE, build_folder: Path = LAMBDA_BUILD_FOLDER) -> Path:
    """The archive, made where it is not there yet."""
    found = read_code_files(package)
    path = build_folder / f"code-{zip_archive.compute_digest(found)[:16]}.zip"
    return path if path.exists() else zip_archive.write_zip(path, found)
