"""`python -m leeward.infra`: what the Makefile calls, and `permissions APP`; `build` is what synth runs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from leeward.infra import node
from leeward.infra.deploy import CannotDeployNow, deploy, destroy
from leeward.infra.environments import InvalidEnvironment
from leeward.infra.packaging.layer import CannotPackage
from leeward.infra.packaging.measure import measure
from leeward.infra.permissions import Deployed, permissions_of, statements_of
from leeward.infra.plan import CannotDeploy, plan
from leeward.infra.repeat import repeat
from leeward.infra.synth import CannotSynthesise, templates
from leeward.state_machines.tree import InvalidDocuments

_TROUBLES = (
    CannotDeploy,
    CannotDeployNow,
    CannotPackage,
    CannotSynthesise,
    InvalidDocuments,
    InvalidEnvironment,
    node.NoNode,
)


def main() -> int:
    """Do what is asked; 1, and the reason on standard error, where that is not possible."""
    asked = _arguments()
    try:
        match asked.command:
            case "build":
                _build(asked.app, asked.env, asked.out)
            case "synth":
                _told(templates(asked.app, asked.env))
            case "repeat":
                print(f"{asked.app}: {repeat(asked.app, asked.env)} files, the same when made again")  # noqa: T201
            case "deploy":
                deploy(asked.app, asked.env, only=asked.stacks.split(), yes=asked.yes)
            case "destroy":
                destroy(asked.app, asked.env, yes=asked.yes)
            case "measure":
                _measure()
            case "permissions":
                _permissions(asked.app, asked.env)
    except _TROUBLES as trouble:
        print(trouble, file=sys.stderr)  # noqa: T201 - a command's word
        return 1
    except KeyboardInterrupt:
        print("stopped; `make deploy` shows what is not as it should be", file=sys.stderr)  # noqa: T201
        return 130
    return 0


def _arguments() -> argparse.Namespace:
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


def _build(app: str, env: str, out: Path) -> None:
    found = plan(app, env)
    node.use()
    from leeward.infra.app import build  # noqa: PLC0415 - only now does jsii know its Node

    made = build(found, out)
    try:
        made.synth()
    except RuntimeError as error:
        if "ValidationFailed" in str(error):  # what was found is told already, by whoever found it
            raise CannotSynthesise(
                f"{found.name}: mend what was found above, or acknowledge it with a reason"
            ) from None
        raise


def _measure() -> None:
    for line in measure():
        print(line)  # noqa: T201


def _told(folder: Path) -> None:
    for path in sorted(folder.glob("*.template.json")):
        print(f"{path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")  # noqa: T201


def _permissions(app: str, env: str) -> None:
    found = plan(app, env)
    for region in found.application.regions.both:
        at = Deployed.named(found.application, region)
        for task, allowed in permissions_of(at, found.runbooks).items():
            told = {"region": region, "task": task, "statements": statements_of(allowed)}
            print(json.dumps(told, indent=2))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
