"""Compiles the modules of an asset.

The files are marked as unchecked: Python uses them without a look at the source's time or hash. An archive's times are
fixed, and nothing changes its sources. The file names in tracebacks are corrected when Python loads them.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from leeward.infra.packaging.bytecode.interpreters import Interpreter

# Modules that no interpreter of the functions' version can compile, such as templates, are left to be imported or not.
_COMPILE = """
import py_compile, sys
for name in sys.stdin.read().splitlines():
    try:
        py_compile.compile(name, dfile=name, doraise=True,
                           invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    except (py_compile.PyCompileError, UnicodeDecodeError):
        pass
"""


def compile_files(files: Mapping[str, bytes], interpreter: Interpreter) -> dict[str, bytes]:
    """Return the bytecode files of the Python modules among `files`, by path in the archive."""
    modules = sorted(name for name in files if name.endswith(".py"))
    with tempfile.TemporaryDirectory() as folder:
        for name in modules:
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])
        # The fixed hash seed gives the same bytes each time.
        subprocess.run(  # noqa: S603 - a fixed command
            [interpreter.path, "-S", "-c", _COMPILE],
            cwd=folder, input="\n".join(modules), text=True, check=True, env={"PYTHONHASHSEED": "0"},
        )  # fmt: skip
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(Path(folder).rglob(f"*.{interpreter.cache_tag}.pyc"))
        }
