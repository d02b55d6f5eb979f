"""Build the sdist and the wheel so that the same files always give the same bytes.

    SOURCE_DATE_EPOCH=1700000000 python tools/build_distributions.py dist

The build reads a copy of the files that git tracks or would track, so that no leftover of the working tree gets into a
distribution. The wheel is built from the sdist, which shows that the sdist is complete. Nothing is downloaded: the
build backend is the installed one (locks/build.txt).
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_FILE_MODE, _EXECUTABLE_MODE = 0o644, 0o755


def main() -> int:
    """Build into the folder that is named, and print both paths."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="The folder to write to; earlier distributions in it are removed.")
    out = parser.parse_args().out
    time = int(os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct"))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        copy_sources(source)
        for path in build_distributions(source, out, time):
            sys.stdout.write(f"{path}\n")
    return 0


def copy_sources(target: Path) -> None:
    """Copy the project's files with their links, whatever the umask was when they were checked out."""
    for name in _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        path, copied = _ROOT / name, target / name
        if not name or not (path.is_symlink() or path.is_file()):  # deleted, and not committed yet
            continue
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied, follow_symlinks=False)
        if not path.is_symlink():
            copied.chmod(_normalize_mode(path.stat().st_mode))


def build_distributions(source: Path, out: Path, time: int) -> tuple[Path, Path]:
    """Build the sdist from `source` and the wheel from the sdist. Return both paths. `time`: seconds since 1970."""
    out.mkdir(parents=True, exist_ok=True)
    for old in (*out.glob("leeward-*.tar.gz"), *out.glob("leeward-*.whl")):
        old.unlink()
    _run_build("--sdist", source, out, time)
    (sdist,) = out.glob("leeward-*.tar.gz")
    sdist.write_bytes(normalize_archive(sdist, time))
    with tempfile.TemporaryDirectory() as folder:
        shutil.unpack_archive(sdist, folder, filter="data")
        (unpacked,) = Path(folder).iterdir()
        _run_build("--wheel", unpacked, out, time)
    (wheel,) = out.glob("leeward-*.whl")
    return sdist, wheel


def normalize_archive(path: Path, time: int) -> bytes:
    """Return the tar.gz in `path` with sorted members, one time, two modes, and no owner."""
    plain = io.BytesIO()
    with tarfile.open(path) as source, tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as target:
        for member in sorted(source.getmembers(), key=lambda member: member.name):
            content = source.extractfile(member) if member.isfile() else None
            member.mtime, member.uid, member.gid, member.uname, member.gname = time, 0, 0, "", ""
            member.mode = _EXECUTABLE_MODE if member.isdir() else _normalize_mode(member.mode)
            member.pax_headers = {}
            target.addfile(member, content)
    return gzip.compress(plain.getvalue(), mtime=time)


def _normalize_mode(mode: int) -> int:
    return _EXECUTABLE_MODE if mode & 0o100 else _FILE_MODE


def _run_build(kind: str, source: Path, out: Path, time: int) -> None:
    command = [sys.executable, "-m", "build", kind, "--no-isolation", "--outdir", str(out.resolve()), str(source)]
    variables = {**os.environ, "SOURCE_DATE_EPOCH": str(time)}
    # The wheel records modes, which the files that setuptools writes have from the umask.
    done = subprocess.run(  # noqa: S603 - our own command
        command, env=variables, umask=0o022, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"The {kind[2:]} could not be built:\n{done.stdout}{done.stderr}")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=True)  # noqa: S603, S607
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
