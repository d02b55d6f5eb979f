"""What the Lambdas print while they are rehearsed: their log, kept out of the screen and beside the history.

On AWS a function's standard output goes to CloudWatch Logs. On the twin the functions run in this process, so what they
print would end up on the screen, or inside the document of `--json`.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

from leeward.cli.errors.cli_error import CliError


@contextlib.contextmanager
def capture_stdout() -> Iterator[io.StringIO]:
    """Turn `sys.stdout` into a log. Consoles that were made before still write to the real one."""
    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        yield log


def write_log(log: io.StringIO, history: Path) -> Path:
    """Write the log beside `history`; returns its path."""
    path = history.with_name(history.name.removesuffix(".json").removesuffix(".history") + ".lambdas.log")
    try:
        path.write_text(log.getvalue(), encoding="utf-8")
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror}") from error
    return path
