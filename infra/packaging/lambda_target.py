"""The Python version and platform that assets are built for."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

import leeward

PACKAGE = Path(leeward.__file__).parent


@dataclass(frozen=True, slots=True)
class LambdaTarget:
    """A Python version such as 3.13, and a machine as uv names it: aarch64 or x86_64."""

    python: str
    machine: str

    @property
    def platform(self) -> str:
        """Return the platform as uv and pip name it. Its wheels run on Amazon Linux 2023 and most systems with
        glibc.
        """
        return f"{self.machine}-manylinux_2_28"

    @property
    def name(self) -> str:
        return f"python{self.python}-{self.machine}"

    @classmethod
    def current_interpreter(cls) -> LambdaTarget:
        """Return the target for the current interpreter, for measurements."""
        machine = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())
        return cls(f"{sys.version_info.major}.{sys.version_info.minor}", machine)


# The target of the functions.
LAMBDA_TARGET = LambdaTarget("3.13", "aarch64")
