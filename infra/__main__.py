"""`python -m leeward.infra`: what the Makefile calls, and `permissions APP`; `build` is what synth runs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from leeward.infra.deployment import DeploymentFailed, deploy, destroy
from leeward.infra.inputs import InvalidEnvironment
from leeward.infra.inputs.deployment_plan import NotDeployable, load_plan
from leeward.infra.packaging.asset_measurement import describe_assets
from leeward.infra.packaging.layer_asset import PackagingFailed
from leeward.infra.permissions import RegionResources, collect_permissions, merge_statements
from leeward.infra.synthesis import node_runtime
from leeward.infra.synthesis.reproducibility import check_reproducible
from leeward.infra.synthesis.template_cache import SynthesisFailed, synthesize
from leeward.state_machines.build import InvalidDocuments

_EXPECTED_ERRORS = (
    NotDeployable,
    DeploymentFailed,
    PackagingFailed,
    SynthesisFailed,
    InvalidDocuments,
    InvalidEnvironment,
    node_runtime.NodeNotFound,
)


def main() -> int:
    """Do what is asked; 1, and the reason on standard error, where that is not possible."""
    asked = _parse_arguments()
    try:
        match asked.command:
            case "build":
                _build_templates(asked.app, asked.env, asked.out)
            case "synth":
                _print_templates(synthesize(asked.app, asked.env))
            case "repeat":
                print(f"{asked.app}: {check_reproducible(asked.app, asked.env)} files, the same when made again")  # noqa: T201
            case "deploy":
                deploy(asked.app, asked.env, stack_patterns=asked.stacks.split(), yes=asked.yes)
            case "destroy":
                destroy(asked.app, asked.env, yes=asked.yes)
            case "measure":
                _print_measurements()
            case "permissions":
                _print_permissions(asked.app, asked.env)
    except _EXPECTED_ERRORS as trouble:
        print(trouble, file=sys.stderr)  # noqa: T201 - a command's word
        return 1
    except KeyboardInterrupt:
        print("stopped; `make deploy` shows what is not as it should be", file=sys.stderr)  # noqa: T201
        return 130
    return 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m leeward.infra", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("measure", help="the sizes of the Lambda assets, and how long their tasks take to import")
    for name in ("synth", "repeat", "deploy", "destroy", "permissions", "build"):
        command = commands.add_parser(name)
        command.add_argument("app", help="the application, such as website")
        command.add_argument("env", nargs="?", default="example", help="the environment, such as example")
        if name == "build":
            command.add_argument("out", type=Path)
        if name == "deploy":
            command.add_argument("--stacks", default="", help="names or patterns, by spaces; by default every stack")
        if name in ("deploy", "destroy"):
            command.add_argument("--yes", action="store_true", help="do not ask: for automation that a person started")
    return parser.parse_args()


def _build_templates(app: str, env: str, out: Path) -> None:
    found = load_plan(app, env)
    node_runtime.use_node()
    from leeward.infra.synthesis.cdk_app import build_app  # noqa: PLC0415 - only now does jsii know its Node

    made = build_app(found, out)
    try:
        made.synth()
    except RuntimeError as error:
        if "ValidationFailed" in str(error):  # what was found is told already, by whoever found it
            raise SynthesisFailed(f"{found.name}: mend what was found above, or acknowledge it with a reason") from None
        raise


def _print_measurements() -> None:
    for line in describe_assets():
        print(line)  # noqa: T201


def _print_templates(folder: Path) -> None:
    for path in sorted(folder.glob("*.template.json")):
        print(f"{path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")  # noqa: T201


def _print_permissions(app: str, env: str) -> None:
    found = load_plan(app, env)
    for region in found.application.regions.both:
        at = RegionResources.from_names(found.application, region)
        for task, allowed in collect_permissions(at, found.runbooks).items():
            told = {"region": region, "task": task, "statements": merge_statements(allowed)}
            print(json.dumps(told, indent=2))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
