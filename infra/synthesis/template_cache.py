"""The synthesised templates in a folder, made anew only when something has changed that they are made from."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from leeward.infra.inputs.environment_loader import ENVIRONMENTS_FOLDER as ENVIRONMENTS
from leeward.infra.packaging.lambda_target import PROJECT_ROOT
from leeward.infra.synthesis import node_runtime

CDK_OUT = PROJECT_ROOT / "build" / "cdk.out"
_KEY_FILE = ".made-from"
# Folders whose files decide what comes out, and the suffixes of those that do.
_SOURCE_FOLDERS = ("src", "drs", "infra", "lambdas", "state_machines", "runbooks", "workloads", "locks")
_SOURCE_SUFFIXES = frozenset({".py", ".yaml", ".json", ".txt", ".html", ".js", ".css", ".jinja"})


class SynthesisFailed(Exception):
    """The app could not be synthesised; the text is what it said."""


def synthesize(app: str, env: str = "example") -> Path:
    """The folder of `<stack>.template.json` of the application `app` in the environment `env`.

    Takes some ten seconds when something has changed, and next to none when nothing has. Raises CannotSynthesise.
    """
    folder = CDK_OUT / f"{app}-{env}"
    key = _digest_sources(app, env)
    with _lock_folder(folder):
        if not _is_current(folder, key):
            _rebuild(app, env, folder, key)
    return folder


def iter_sources() -> Iterator[Path]:
    """Every file that decides what comes out, below the project's root."""
    for path in sorted(
        p for folder in _SOURCE_FOLDERS for p in (PROJECT_ROOT / folder).rglob("*") if p.suffix in _SOURCE_SUFFIXES
    ):
        if "__pycache__" not in path.parts:
            yield path


def _digest_sources(app: str, env: str) -> str:
    made = hashlib.sha256(f"{app}\0{env}\0{version('aws-cdk-lib')}\0{version('cdk-nag')}".encode())
    for path in iter_sources():
        made.update(path.relative_to(PROJECT_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return made.hexdigest()


def _is_current(folder: Path, key: str) -> bool:
    path = folder / _KEY_FILE
    return path.exists() and path.read_text(encoding="utf-8") == key


def _rebuild(app: str, env: str, folder: Path, key: str) -> None:
    """Built aside and renamed: whoever reads the folder meanwhile finds the one or the other, whole."""
    node_runtime.use_node()
    unfinished, old = (folder.with_suffix(suffix) for suffix in (".unfinished", ".old"))
    for left in (unfinished, old):  # by a process that was ended
        shutil.rmtree(left, ignore_errors=True)
    try:
        build_in_subprocess(app, env, unfinished, PROJECT_ROOT)
        (unfinished / _KEY_FILE).write_text(key, encoding="utf-8")
        if folder.exists():
            folder.rename(old)
        unfinished.rename(folder)
    finally:
        for left in (unfinished, old):
            shutil.rmtree(left, ignore_errors=True)


def build_in_subprocess(app: str, env: str, out: Path, root: Path, **extra_environment: str) -> None:
    """In a process of its own, of the sources in `root`: CDK's engine keeps what it made. Raises CannotSynthesise.

    -O spares CDK's checks of every argument.
    """
    command = [sys.executable, "-O", "-m", "leeward.infra", "build", app, env, str(out)]
    given = {**os.environ, "PYTHONPATH": str(root / "src"), **extra_environment}
    done = subprocess.run(command, cwd=root, env=given, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise SynthesisFailed(done.stderr.strip() or done.stdout.strip())


@contextmanager
def _lock_folder(folder: Path) -> Iterator[None]:
    """No other process makes the same folder meanwhile."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def list_environments() -> list[str]:
    """The environments that there are."""
    return sorted(path.stem for path in ENVIRONMENTS.glob("*.yaml"))
