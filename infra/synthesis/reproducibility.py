"""Whether the same documents give the same templates, to the byte: a deployment of what is deployed changes nothing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from leeward.infra.packaging.lambda_target import PROJECT_ROOT
from leeward.infra.synthesis.template_cache import SynthesisFailed, build_in_subprocess, iter_sources, synthesize


def check_reproducible(app: str, env: str = "example") -> int:
    """Make the templates and the Lambda assets again and compare every file; how many there are.

    By another process with another order of its sets, from a copy of the sources in another folder, where nothing is
    built yet. Raises CannotSynthesise with the names of the files that differ.
    """
    first = synthesize(app, env)
    with tempfile.TemporaryDirectory() as folder:
        copy, out = Path(folder) / "elsewhere", Path(folder) / "out"
        for path in iter_sources():
            to = copy / path.relative_to(PROJECT_ROOT)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)
        for link in (PROJECT_ROOT / "src" / "leeward").iterdir():
            if link.is_symlink():
                (copy / "src" / "leeward" / link.name).symlink_to(link.readlink())
        build_in_subprocess(app, env, out, copy, PYTHONHASHSEED="7")
        different = find_differences(first, out)
        if different:
            raise SynthesisFailed(
                f"{app}: made again, these are not the same: {', '.join(different)}. Something in infra/ depends on "
                "the time, the folder or the order of a set"
            )
        return len(_read_files(out))


def find_differences(first: Path, second: Path) -> list[str]:
    """The files that are not the same in both folders, or are in one of them alone."""
    here, there = _read_files(first), _read_files(second)
    return sorted(name for name in here | there if here.get(name) != there.get(name))


def _read_files(folder: Path) -> dict[str, bytes]:
    """All but what synth remembers of its own."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")}
