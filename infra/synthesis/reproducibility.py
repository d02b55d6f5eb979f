"""Checks that equal documents give byte-identical templates, so that deploying again changes nothing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from leeward.base.installation.project_folders import find_project
from leeward.infra.synthesis.template_cache import SynthesisFailed, build_in_subprocess, iter_sources, synthesize


def check_reproducible(app: str, env: str = "example") -> int:
    """Build the templates and Lambda assets again, compare every file, and return the number of files.

    The second build runs in another process with another hash seed, from a copy of the sources in another folder
    without earlier output. Raises SynthesisFailed with the names of the files that differ.
    """
    root, first = find_project().root, synthesize(app, env)
    with tempfile.TemporaryDirectory() as folder:
        copy, out = Path(folder) / "elsewhere", Path(folder) / "out"
        for path in iter_sources(root):
            to = copy / path.relative_to(root)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)
        for link in (root / "src" / "leeward").glob("*"):  # none if the package is installed elsewhere
            if link.is_symlink():
                (copy / "src" / "leeward" / link.name).symlink_to(link.readlink())
        build_in_subprocess(app, env, out, copy, PYTHONHASHSEED="7")
        different = find_differences(first, out)
        if different:
            raise SynthesisFailed(
                f"{app}: these files differ when built again: {', '.join(different)}. Something in infra/ depends on "
                "the time, the folder, or the order of a set."
            )
        return len(_read_files(out))


def find_differences(first: Path, second: Path) -> list[str]:
    """Return the names of the files that differ, or that exist in only one of the folders."""
    first_files, second_files = _read_files(first), _read_files(second)
    return sorted(name for name in first_files | second_files if first_files.get(name) != second_files.get(name))


def _read_files(folder: Path) -> dict[str, bytes]:
    """Return the contents of all files except those that the template cache keeps."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")}
