"""Runs `leeward rehearse --draws`: checks its options, and prints and reports the result."""

from __future__ import annotations

import json as json_text
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from leeward.cli.arguments.argument_resolution import RehearsalRequest
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.rendering.terminal import announce_twin, create_stderr_console, create_stdout_console
from leeward.cli.runners.gc_pause import pause_garbage_collection

_EXAMPLE = "For example: leeward rehearse website failover --draws 20"


@dataclass(frozen=True, slots=True)
class DrawsOptions:
    """The options of a rehearsal with many draws. `root` and `report` are those of the command line, if given."""

    count: int
    jobs: int | None
    root: Path | None
    report: Path | None

    @property
    def parallel_processes(self) -> int:
        """Return the number of draws that run in parallel."""
        return min(self.count, self.jobs or os.cpu_count() or 1)


def check_draws_options(
    draws: int | None, jobs: int | None, *, has_rounds: bool, has_pace: bool, has_variant_report: bool
) -> None:
    """Raise CliError when --draws or --jobs is combined with an option that it can't be combined with."""
    if draws is None:
        if jobs is not None:
            raise CliError("--jobs requires --draws", [f"{_EXAMPLE} --jobs 4"])
        return
    if has_rounds or has_pace:
        raise CliError("--draws can't be combined with --rounds or --pace", [_EXAMPLE])
    if has_variant_report:
        raise CliError(
            "--report can't be combined with --variants and --draws", ["To keep the figures, use --json instead"]
        )


def run_draws_command(request: RehearsalRequest, options: DrawsOptions, *, variants: bool, json: bool) -> ExitCode:
    """Run all draws, print the result, and return the exit code. Raises CliError when the rehearsal can't start."""
    if variants:
        return _draw_variants(request, options, json=json)
    return _draw(request, options, json=json)


def _draw(request: RehearsalRequest, options: DrawsOptions, *, json: bool) -> ExitCode:
    console = create_stdout_console()
    with announce_twin(create_stderr_console(), json=json), pause_garbage_collection():
        from leeward.cli.draws.draws_runner import run_rehearsal_draws  # noqa: PLC0415
        from leeward.cli.screens.draws import show_draws  # noqa: PLC0415
    result = run_rehearsal_draws(
        request,
        options.count,
        options.parallel_processes,
        _repeat_arguments(request, options.root),
        show_progress=not json,
    )
    if json:
        sys.stdout.write(result.model_dump_json(indent=2) + "\n")
    else:
        show_draws(console, result)
    if options.report is not None and result.draws:
        from leeward.cli.run_evidence.report_file import print_report_path, write_draws_report  # noqa: PLC0415

        name = f"{result.application}-{result.runbook}-{result.scenario}-{result.first_seed}-draws-{result.asked}.html"
        print_report_path(write_draws_report(result, options.report / name), json=json)
    return _draws_exit_code(passed=result.passed, was_interrupted=result.was_interrupted)


def _draw_variants(request: RehearsalRequest, options: DrawsOptions, *, json: bool) -> ExitCode:
    console = create_stdout_console()
    with announce_twin(create_stderr_console(), json=json), pause_garbage_collection():
        from leeward.cli.draws.draws_runner import run_variant_draws  # noqa: PLC0415
        from leeward.cli.screens.variant_draws import show_variant_draws  # noqa: PLC0415
    result = run_variant_draws(request, options.count, options.parallel_processes, show_progress=not json)
    if json:
        sys.stdout.write(result.model_dump_json(indent=2) + "\n")
    else:
        show_variant_draws(console, result)
    return _draws_exit_code(passed=result.passed, was_interrupted=result.was_interrupted)


def _draws_exit_code(*, passed: bool, was_interrupted: bool) -> ExitCode:
    if was_interrupted:
        create_stderr_console().print("leeward: interrupted. The result has only the draws that had ended.")
        return ExitCode.INTERRUPTED
    return ExitCode.SUCCESS if passed else ExitCode.ISSUES_FOUND


def _repeat_arguments(request: RehearsalRequest, root: Path | None) -> list[str]:
    """Return the arguments of `leeward` that repeat one draw, without its seed."""
    arguments = ["rehearse", request.application, request.runbook]
    if request.scenario is not None:
        arguments += ["--scenario", request.scenario]
    if request.trigger is not None:
        arguments += ["--trigger", request.trigger.trigger, "--templates", str(request.trigger.templates)]
    if request.run_input:
        arguments += ["--input", json_text.dumps(request.run_input)]
    return arguments if root is None else [*arguments, "--root", str(root)]
