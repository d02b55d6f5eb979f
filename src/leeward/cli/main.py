"""The entry point. No traceback reaches a user: what is foreseen is told in words, what is not is one line.

Everything else is imported inside `main`, so that not even Ctrl-C during the imports shows a trace.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from leeward.base.installation.extras import MissingExtra, missing_extra
from leeward.cli.errors.exit_codes import ExitCode

if TYPE_CHECKING:
    from leeward.cli.errors.cli_error import CliError


def main(args: Sequence[str] | None = None) -> int:
    """Run `leeward` with `args` (default: those of the process) and return its exit code."""
    try:
        return _run(args)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # What is still buffered has nowhere to go; without this the interpreter complains of it on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.BROKEN_PIPE
    except MissingExtra as missing:
        return _print_missing_extra(missing)
    except ModuleNotFoundError as error:
        missing_or_none = missing_extra(error, _name_command(sys.argv[1:] if args is None else args))
        return _print_missing_extra(missing_or_none) if missing_or_none else _print_unexpected_error(error)
    except Exception as error:  # the last line of defence, and the only place that may catch everything
        return _print_unexpected_error(error)


def _name_command(args: Sequence[str]) -> str:
    return next((arg for arg in args if not arg.startswith("-")), "this command")


def _print_missing_extra(missing: MissingExtra) -> int:
    sys.stderr.write(f"leeward: {missing}\n  {missing.install_command}\n")
    return ExitCode.USAGE


def _run(args: Sequence[str] | None) -> int:
    from leeward.cli.app import app  # noqa: PLC0415
    from leeward.cli.connection.connection_options import expand_twin_flag  # noqa: PLC0415
    from leeward.cli.errors.cli_error import CliError  # noqa: PLC0415
    from leeward.cli.rendering.terminal import tolerate_encodings  # noqa: PLC0415

    tolerate_encodings()
    try:
        app(args=expand_twin_flag(sys.argv[1:] if args is None else args), prog_name="leeward")
    except SystemExit as exit_:
        sys.stdout.flush()
        return exit_.code if isinstance(exit_.code, int) else ExitCode.SUCCESS
    except CliError as trouble:
        return _print_error(trouble)
    return ExitCode.SUCCESS


def _print_error(error: CliError) -> int:
    from leeward.cli.rendering.terminal import create_stderr_console  # noqa: PLC0415

    console = create_stderr_console()
    console.print(f"leeward: {error}", style="failed", soft_wrap=True)
    for line in error.hints:
        console.print(f"  {line}", soft_wrap=True)
    return error.code


def _print_unexpected_error(error: Exception) -> int:
    if os.environ.get("LEEWARD_DEBUG", "") not in ("", "0"):
        import traceback  # noqa: PLC0415

        traceback.print_exception(error)
        return ExitCode.INTERNAL_ERROR
    what = " ".join(str(error).split()) or "no message"
    sys.stderr.write(
        f"leeward: a defect in Leeward: {type(error).__name__}: {what}. "
        "Report it as CONTRIBUTING.md says, with the trace that LEEWARD_DEBUG=1 shows.\n"
    )
    return ExitCode.INTERNAL_ERROR


if __name__ == "__main__":
    sys.exit(main())
