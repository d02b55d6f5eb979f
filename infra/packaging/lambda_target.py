"""For which Python, on which machine, an asset is built."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

import leeward

PROJECT_ROOT = Path(__file__).resolve().parents[2]  # `leeward.infra` is a link to the folder at the root
PACKAGE = Path(leeward.__file__).parent
LAMBDA_BUILD_FOLDER = PROJECT_ROOT / "build" / "lambda"


@dataclass(frozen=True, slots=True)
class LambdaTarget:
    """`python` is such as 3.13; `machine` as uv names it: aarch64 or x86_64."""

    python: str
    machine: str

    @property
    def platform(self) -> str:
        """As uv and pip name it: wheels for it run on Amazon Linux 2023 and on most of what has glibc."""
        return f"{self.machine}-manylinux_2_28"

    @property
    def name(self) -> str:
        return f"python{self.python}-{self.machine}"

    @classmethod
    def current_interpreter(cls) -> LambdaTarget:
        """This interpreter, for measuring."""
        machine = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())
        return cls(f"{sys.version_info.major}.{sys.version_info.minor}", machine)


# What the functions run on.
LAMBDA_TARGET = LambdaTarget("3.13", "aarch64")
