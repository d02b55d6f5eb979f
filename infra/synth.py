"""The synthesised templates in a folder, made anew only when something has changed that they are made from."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from infra import node
from infra.environments.load import FOLDER as ENVIRONMENTS
from infra.packaging.code import PACKAGES
from infra.packaging.target import ROOT

OUT = ROOT / "build" / "cdk.out"
_KEY = ".made-from"
# Folders whose files decide what comes out, and the suffixes of those that do.
_SOURCES = ("infra", "state_machines", "runbooks", "workloads", "locks", *PACKAGES)
_SUFFIXES = frozenset({".py", ".yaml", ".json", ".txt", ".html", ".js", ".css", ".jinja"})


class CannotSynthesise(Exception):
    """The app could not be synthesised; the text is what it said."""


def templates(app: str, env: str = "example") -> Path:
    """The folder of `<stack>.template.json` of the application `app` in the environment `env`.

    Takes some ten seconds when something has changed, and next to none when nothing has. Raises CannotSynthesise.
    """
    folder = OUT / f"{app}-{env}"
    key = _made_from(app, env)
    with _alone(folder):
        if not _is_current(folder, key):
            _make(app, env, folder)
            (folder / _KEY).write_text(key, encoding="utf-8")
    return folder


def _made_from(app: str, env: str) -> str:
    made = hashlib.sha256(f"{app}\0{env}\0{version('aws-cdk-lib')}\0{version('cdk-nag')}".encode())
    for path in sorted(p for folder in _SOURCES for p in (ROOT / folder).rglob("*") if p.suffix in _SUFFIXES):
        if "__pycache__" not in path.parts:
            made.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return made.hexdigest()


def _is_current(folder: Path, key: str) -> bool:
    path = folder / _KEY
    return path.exists() and path.read_text(encoding="utf-8") == key


def _make(app: str, env: str, folder: Path) -> None:
    """In a process of its own: CDK's engine keeps what it made, and -O spares its checks of every argument."""
    node.use()
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-O", "-m", "infra", "build", app, env, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise CannotSynthesise(done.stderr.strip() or done.stdout.strip())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process makes the same folder meanwhile."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def environments() -> list[str]:
    """The environments that there are."""
    return sorted(path.stem for path in ENVIRONMENTS.glob("*.yaml"))
