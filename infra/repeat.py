"""Whether the same documents give the same templates, to the byte: a deployment of what is deployed changes nothing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from leeward.infra.packaging.target import ROOT
from leeward.infra.synth import CannotSynthesise, build_apart, sources, templates


def repeat(app: str, env: str = "example") -> int:
    """Make the templates and the Lambda assets again and compare every file; how many there are.

    By another process with another order of its sets, from a copy of the sources in another folder, where nothing is
    built yet. Raises CannotSynthesise with the names of the files that differ.
    """
    first = templates(app, env)
    with tempfile.TemporaryDirectory() as folder:
        copy, out = Path(folder) / "elsewhere", Path(folder) / "out"
        for path in sources():
            to = copy / path.relative_to(ROOT)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)
        for link in (ROOT / "src" / "leeward").iterdir():
            if link.is_symlink():
                (copy / "src" / "leeward" / link.name).symlink_to(link.readlink())
        build_apart(app, env, out, copy, PYTHONHASHSEED="7")
        different = differences(first, out)
        if different:
            raise CannotSynthesise(
                f"{app}: made again, these are not the same: {', '.join(different)}. Something in infra/ depends on "
                "the time, the folder or the order of a set"
            )
        return len(_files(out))


def differences(one: Path, other: Path) -> list[str]:
    """The files that are not the same in both folders, or are in one of them alone."""
    here, there = _files(one), _files(other)
    return sorted(name for name in here | there if here.get(name) != there.get(name))


def _files(folder: Path) -> dict[str, bytes]:
    """All but what synth remembers of its own."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")}
