"""Keeps the synthesized templates in a folder, and rebuilds them only when their sources have changed."""

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

from leeward.base.installation.project_folders import find_project
from leeward.infra.packaging.bytecode import find_interpreter
from leeward.infra.packaging.lambda_target import LAMBDA_TARGET, PACKAGE
from leeward.infra.packaging.plugins.plugin_code import list_plugin_folders
from leeward.infra.synthesis import node_runtime

_KEY_FILE = ".made-from"
# The folders and suffixes of the files that determine the templates.
_SOURCE_FOLDERS = ("src", "drs", "infra", "lambdas", "state_machines", "runbooks", "workloads", "locks")
_SOURCE_SUFFIXES = frozenset({".py", ".yaml", ".json", ".txt", ".html", ".js", ".css", ".jinja"})


class SynthesisFailed(Exception):
    """The app could not be synthesized. The text is its output."""


def synthesize(app: str, env: str = "example") -> Path:
    """Return the folder with the `<stack>.template.json` files of the application `app` in the environment `env`.

    Takes about ten seconds when something has changed. Raises SynthesisFailed.
    """
    root = find_project().root
    folder = root / "build" / "cdk.out" / f"{app}-{env}"
    key = _digest_sources(app, env, root)
    with _lock_folder(folder):
        if not _is_current(folder, key):
            _rebuild(app, env, folder, key, root)
    return folder


def iter_sources(root: Path) -> Iterator[Path]:
    """Yield every file that determines the templates."""
    for folder in _SOURCE_FOLDERS:
        yield from _iter_source_files(root / folder)


def _iter_source_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in _SOURCE_SUFFIXES and "__pycache__" not in path.parts:
            yield path


def _digest_sources(app: str, env: str, root: Path) -> str:
    digest = hashlib.sha256(f"{app}\0{env}\0{version('aws-cdk-lib')}\0{version('cdk-nag')}".encode())
    digest.update(f"\0{find_interpreter(LAMBDA_TARGET.python)}\0".encode())  # it compiles the assets
    for path in iter_sources(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    if not PACKAGE.is_relative_to(root):  # installed, not in a clone
        for path in _iter_source_files(PACKAGE):
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for package in list_plugin_folders():
        for path in _iter_source_files(package):
            digest.update(path.relative_to(package.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _is_current(folder: Path, key: str) -> bool:
    path = folder / _KEY_FILE
    return path.exists() and path.read_text(encoding="utf-8") == key


def _rebuild(app: str, env: str, folder: Path, key: str, root: Path) -> None:
    """Build in another folder and rename it, so that concurrent readers always find a complete folder."""
    node_runtime.use_node()
    unfinished, old = (folder.with_suffix(suffix) for suffix in (".unfinished", ".old"))
    for leftover in (unfinished, old):  # of a process that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        build_in_subprocess(app, env, unfinished, root)
        (unfinished / _KEY_FILE).write_text(key, encoding="utf-8")
        if folder.exists():
            folder.rename(old)
        unfinished.rename(folder)
    finally:
        for leftover in (unfinished, old):
            shutil.rmtree(leftover, ignore_errors=True)


def build_in_subprocess(app: str, env: str, out: Path, root: Path, **extra_environment: str) -> None:
    """Build in a separate process from the sources in `root`, because CDK's engine keeps state. Raises SynthesisFailed.

    -O skips CDK's checks of every argument, which saves time.
    """
    command = [sys.executable, "-O", "-m", "leeward.infra", "build", app, env, str(out)]
    paths = [str(root / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **extra_environment}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise SynthesisFailed(done.stderr.strip() or done.stdout.strip())


@contextmanager
def _lock_folder(folder: Path) -> Iterator[None]:
    """Prevent other processes from building the same folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        yield
