"""The project's own code, as far as functions run it."""

from __future__ import annotations

import re
from pathlib import Path

from infra.packaging import archive
from infra.packaging.target import BUILD, ROOT

# The layers at and below `lambdas` (ARCHITECTURE.md); a test imports every handler from the archive alone.
PACKAGES = ("board", "common", "control", "data", "drs", "evidence", "lambdas", "readiness", "traffic")
# Code, and what the board's pages are made of.
_SUFFIXES = frozenset({".py", ".jinja", ".css"})
# aws_xray_sdk makes a client when it is imported.
_OF_PACKAGES = ("xray",)
# How clients are made: `client("drs", ...)`, and `reach.of("acm")` in readiness.
_CLIENT = re.compile(r"\b(?:client|reach\.of)\(\s*\"([a-z0-9-]+)\"")


def files(root: Path = ROOT) -> dict[str, bytes]:
    """Path in the archive -> contents."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for package in PACKAGES
        for path in sorted((root / package).rglob("*"))
        if path.suffix in _SUFFIXES
    }


def services(root: Path = ROOT) -> frozenset[str]:
    """The AWS services whose clients the code, and what it imports, makes; by boto3's names."""
    own = (name for text in files(root).values() for name in _CLIENT.findall(text.decode()))
    return frozenset({*own, *_OF_PACKAGES})


def code(root: Path = ROOT, build: Path = BUILD) -> Path:
    """The archive, made where it is not there yet."""
    found = files(root)
    path = build / f"code-{archive.digest(found)[:16]}.zip"
    return path if path.exists() else archive.write(path, found)
