"""The commands of `python -m leeward.infra`, which the Makefile calls. Synthesis runs `build`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from leeward.base.import_paths import BrokenImportPath
from leeward.base.installation.extras import MissingExtra, require_extra
from leeward.base.installation.project_folders import ProjectNotFound
from leeward.infra.deployment import DeploymentFailed, deploy, destroy
from leeward.infra.inputs import InvalidEnvironment
from leeward.infra.inputs.deployment_plan import NotDeployable, load_plan
from leeward.infra.packaging.asset_measurement import describe_assets
from leeward.infra.packaging.bytecode import MISSING_INTERPRETER, find_interpreter
from leeward.infra.packaging.lambda_target import LAMBDA_TARGET
from leeward.infra.packaging.layer_asset import PackagingFailed
from leeward.infra.permissions import RegionResources, collect_permissions, merge_statements
from leeward.infra.permissions.trigger_roles import list_probe_regions
from leeward.infra.synthesis import node_runtime
from leeward.infra.synthesis.reproducibility import check_reproducible
from leeward.infra.synthesis.template_cache import SynthesisFailed, synthesize
from leeward.kinds.plugin_discovery import PluginError
from leeward.state_machines.build import InvalidDocuments

_EXPECTED_ERRORS = (
    BrokenImportPath,
    PluginError,
    NotDeployable,
    DeploymentFailed,
    PackagingFailed,
    SynthesisFailed,
    InvalidDocuments,
    InvalidEnvironment,
    node_runtime.NodeNotFound,
)


def main() -> int:
    """Run the command and return its exit code.

    The code is 1 when it failed, 2 when it was misused or its extra is missing, and 130 when it was interrupted.
    """
    arguments = _parse_arguments()
    try:
        if arguments.root is not None:
            os.chdir(arguments.root)
        if arguments.command != "permissions":
            require_extra("deploy", command=f"python -m leeward.infra {arguments.command}")
        _run(arguments)
    except MissingExtra as missing:
        print(f"leeward: {missing}\n  {missing.install_command}", file=sys.stderr)  # noqa: T201 - a command's message
        return 2
    except ProjectNotFound as error:
        print(f"leeward: {error}\n  Run it inside the project, or give its root with --root", file=sys.stderr)  # noqa: T201
        return 2
    except _EXPECTED_ERRORS as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        print("Stopped. Run `make deploy` to see what is not yet deployed.", file=sys.stderr)  # noqa: T201
        return 130
    return 0


def _run(arguments: argparse.Namespace) -> None:
    if arguments.command in ("synth", "deploy") and find_interpreter(LAMBDA_TARGET.python) is None:
        print(f"note: {MISSING_INTERPRETER.format(version=LAMBDA_TARGET.python)}", file=sys.stderr)  # noqa: T201
    match arguments.command:
        case "build":
            _build_templates(arguments.app, arguments.env, arguments.out)
        case "synth":
            _print_templates(synthesize(arguments.app, arguments.env))
        case "repeat":
            files = check_reproducible(arguments.app, arguments.env)
            print(f"{arguments.app}: {files} files, identical when built again")  # noqa: T201
        case "deploy":
            deploy(arguments.app, arguments.env, stack_patterns=arguments.stacks.split(), yes=arguments.yes)
        case "destroy":
            destroy(arguments.app, arguments.env, yes=arguments.yes)
        case "measure":
            _print_measurements()
        case "permissions":
            _print_permissions(arguments.app, arguments.env)


def _existing_folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path}")
    return path


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m leeward.infra", description=__doc__)
    parser.add_argument(
        "--root",
        type=_existing_folder,
        metavar="DIR",
        help="the project's root (default: the nearest project folder above)",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("measure", help="print the sizes of the Lambda assets and the import times of their tasks")
    for name in ("synth", "repeat", "deploy", "destroy", "permissions", "build"):
        command = commands.add_parser(name)
        command.add_argument("app", help="the application, such as website")
        command.add_argument("env", nargs="?", default="example", help="the environment, such as example")
        if name == "build":
            command.add_argument("out", type=Path)
        if name == "deploy":
            command.add_argument("--stacks", default="", help="names or patterns, separated by spaces (default: all)")
        if name in ("deploy", "destroy"):
            command.add_argument("--yes", action="store_true", help="do not ask for confirmation (for automation)")
    return parser.parse_args()


def _build_templates(app: str, env: str, out: Path) -> None:
    plan = load_plan(app, env)
    node_runtime.use_node()
    from leeward.infra.synthesis.cdk_app import build_app  # noqa: PLC0415 - jsii needs use_node() first

    cdk_app = build_app(plan, out)
    try:
        cdk_app.synth()
    except RuntimeError as error:
        if "ValidationFailed" in str(error):  # the validators have already printed their findings
            raise SynthesisFailed(f"{plan.name}: fix the findings above, or acknowledge them with a reason") from None
        raise


def _print_measurements() -> None:
    for line in describe_assets():
        print(line)  # noqa: T201


def _print_templates(folder: Path) -> None:
    for path in sorted(folder.glob("*.template.json")):
        print(f"{path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")  # noqa: T201


def _print_permissions(app: str, env: str) -> None:
    plan = load_plan(app, env)
    for region in sorted({*plan.application.regions.both, *list_probe_regions(plan.runbooks)}):
        resources = RegionResources.from_names(plan.application, region)
        for task, permissions in collect_permissions(resources, plan.runbooks).items():
            role = {"region": region, "task": task, "statements": merge_statements(permissions)}
            print(json.dumps(role, indent=2))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
