"""Runs the `leeward` command for `python -m leeward.cli`."""

from __future__ import annotations

import sys

from leeward.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
