"""Capture the output of the Lambda functions during a rehearsal, and save it beside the history.

On AWS, a function's standard output goes to CloudWatch Logs. On the twin, the functions run in this process, so their
output would otherwise appear on the screen or inside the `--json` document.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

from leeward.cli.errors.cli_error import CliError


@contextlib.contextmanager
def capture_stdout() -> Iterator[io.StringIO]:
    """Redirect `sys.stdout` to the returned log. Consoles that exist already still write to the original stream."""
    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        yield log


def write_log(log: io.StringIO, history: Path) -> Path:
    """Write the log beside `history` and return its path. Raises CliError when it can't be written."""
    path = history.with_name(history.name.removesuffix(".json").removesuffix(".history") + ".lambdas.log")
    try:
        path.write_text(log.getvalue(), encoding="utf-8")
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror}") from error
    return path
