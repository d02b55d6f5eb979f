"""The entry point of the `leeward` command, which turns every exception into a message and an exit code.

Other modules are imported inside functions, so that Ctrl-C during an import doesn't print a traceback either.
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
    """Run `leeward` with `args`, by default the arguments of the process, and return the exit code."""
    try:
        return _run(args)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Discard the buffered output. Otherwise the interpreter reports another broken pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.BROKEN_PIPE
    except MissingExtra as missing:
        return _print_missing_extra(missing)
    except ModuleNotFoundError as error:
        missing_or_none = missing_extra(error, _name_command(sys.argv[1:] if args is None else args))
        return _print_missing_extra(missing_or_none) if missing_or_none else _print_unexpected_error(error)
    except Exception as error:  # the only place that may catch every exception
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
    except CliError as error:
        return _print_error(error)
    except Exception as error:
        if not _is_plugin_error(error):
            raise
        _print_traceback_if_wanted(error)
        hint = "To see the plug-in's traceback, set LEEWARD_DEBUG=1 and run the command again"
        return _print_error(CliError(" ".join(str(error).split()), [hint]))
    return ExitCode.SUCCESS


def _is_plugin_error(error: Exception) -> bool:
    from leeward.base.import_paths import BrokenImportPath  # noqa: PLC0415
    from leeward.kinds.plugin_discovery import PluginError  # noqa: PLC0415 - slow to import

    return isinstance(error, PluginError | BrokenImportPath)


def _print_error(error: CliError) -> int:
    from leeward.cli.rendering.terminal import create_stderr_console  # noqa: PLC0415

    console = create_stderr_console()
    console.print(f"leeward: {error}", style="failed", soft_wrap=True)
    for line in error.hints:
        console.print(f"  {line}", soft_wrap=True)
    return error.code


def _print_traceback_if_wanted(error: Exception) -> bool:
    """Print the traceback if LEEWARD_DEBUG is set. Return whether it was printed."""
    if os.environ.get("LEEWARD_DEBUG", "") in ("", "0"):
        return False
    import traceback  # noqa: PLC0415

    traceback.print_exception(error)
    return True


def _print_unexpected_error(error: Exception) -> int:
    if _print_traceback_if_wanted(error):
        return ExitCode.INTERNAL_ERROR
    message = " ".join(str(error).split()) or "no message"
    sys.stderr.write(
        f"leeward: unexpected error: {type(error).__name__}: {message}. "
        "To see the traceback, set LEEWARD_DEBUG=1 and run the command again. CONTRIBUTING.md says how to report it.\n"
    )
    return ExitCode.INTERNAL_ERROR


if __name__ == "__main__":
    sys.exit(main())
