"""The project's own code, as far as functions run it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from leeward.infra.packaging import archive
from leeward.infra.packaging.target import BUILD, PACKAGE

# The layers at and below `lambdas` (ARCHITECTURE.md); a test imports every handler from the archive alone.
PACKAGES = ("board", "common", "control", "data", "drs", "evidence", "lambdas", "readiness", "traffic")
# Code, and what the board's pages are made of.
_SUFFIXES = frozenset({".py", ".jinja", ".css"})
# aws_xray_sdk makes a client when it is imported.
_OF_PACKAGES = ("xray",)
# How clients are made: `client("drs", ...)`, and `reach.of("acm")` in readiness.
_CLIENT = re.compile(r"\b(?:client|reach\.of)\(\s*\"([a-z0-9-]+)\"")


def files(package: Path = PACKAGE) -> dict[str, bytes]:
    """Path in the archive -> contents."""
    return {
        path.relative_to(package.parent).as_posix(): path.read_bytes()
        for path in (package / "__init__.py", *_below(package))
        if path.suffix in _SUFFIXES
    }


def _below(package: Path) -> Iterator[Path]:
    for name in PACKAGES:
        yield from sorted((package / name).rglob("*"))


def services(package: Path = PACKAGE) -> frozenset[str]:
    """The AWS services whose clients the code, and what it imports, makes; by boto3's names."""
    own = (name for text in files(package).values() for name in _CLIENT.findall(text.decode()))
    return frozenset({*own, *_OF_PACKAGES})


def code(package: Path = PACKAGE, build: Path = BUILD) -> Path:
    """The archive, made where it is not there yet."""
    found = files(package)
    path = build / f"code-{archive.digest(found)[:16]}.zip"
    return path if path.exists() else archive.write(path, found)
