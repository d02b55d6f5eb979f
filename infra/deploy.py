"""Deploying: the difference is shown, a person confirms it, and only then is anything changed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from leeward.infra import node
from leeward.infra.packaging.target import ROOT
from leeward.infra.synth import templates

CDK = ROOT / "tools" / "aws-cdk" / "node_modules" / ".bin" / "cdk"
# The journal is evidence: taking it away is left to a person, who must first lift its protection.
_KEPT = "-journal"
# Exactly the stacks that a person was shown: cdk would add those that depend on them, the journal's among them.
_NO_OTHERS = "--exclusively"
_CREDENTIALS = (
    "Where it lacks credentials: they are those of your shell, as for the AWS CLI (AWS_PROFILE, or `aws sso login`)"
)

Run = Callable[[Sequence[str]], int]
Ask = Callable[[str], str]


class CannotDeployNow(Exception):
    """Nothing was changed, or not everything; the text says why."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack of the assembly: what cdk calls it, its Region, and the account."""

    name: str
    account: str
    region: str


def stacks(folder: Path) -> list[Stack]:
    """Of a folder of templates, in the order of their names."""
    artifacts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    found = []
    for name, artifact in sorted(artifacts.items()):
        if artifact["type"] == "aws:cloudformation:stack":
            account, region = artifact["environment"].removeprefix("aws://").split("/")
            found.append(Stack(name, account, region))
    return found


def deploy(
    app: str, env: str, *, only: Sequence[str] = (), yes: bool = False, run: Run | None = None, ask: Ask = input
) -> None:
    """Show the difference, ask, deploy: all stacks, or those of the names (or patterns) in `only`.

    Raises CannotDeployNow.
    """
    folder, run = templates(app, env), run or _cdk
    told = [s for s in stacks(folder) if not only or any(fnmatchcase(s.name, pattern) for pattern in only)]
    if not told:
        raise CannotDeployNow(f"no stack is called {', '.join(only)}; `make synth APP={app} ENV={env}` lists them")
    names = [stack.name for stack in told]
    if run(["diff", "--app", str(folder), "--no-color", _NO_OTHERS, *names]):
        raise CannotDeployNow(
            f"the difference could not be shown, so nothing was deployed; cdk says why above. {_CREDENTIALS}"
        )
    where = ", ".join(sorted({stack.region for stack in told}))
    _confirm(f"{len(told)} stacks of {app} in account {told[0].account}, in {where}", "deploy", env, yes, ask)
    if run(["deploy", "--app", str(folder), "--require-approval", "never", _NO_OTHERS, *names]):
        raise CannotDeployNow("not every stack was deployed; cdk says why above. Deploying again goes on from there")


def destroy(app: str, env: str, *, yes: bool = False, run: Run | None = None, ask: Ask = input) -> None:
    """Take away all but the journal. Raises CannotDeployNow."""
    folder, run = templates(app, env), run or _cdk
    names = [stack.name for stack in stacks(folder) if not stack.name.endswith(_KEPT)]
    print("\n".join(names))  # noqa: T201 - a command's word
    _confirm(f"these {len(names)} stacks; the journal, keys and logs stay", "destroy", f"{app} {env}", yes, ask)
    if run(["destroy", "--app", str(folder), "--force", _NO_OTHERS, *names]):
        raise CannotDeployNow(f"not every stack was destroyed; cdk says why above. {_CREDENTIALS}")


def _confirm(what: str, verb: str, word: str, yes: bool, ask: Ask) -> None:
    if yes:
        return
    try:
        answer = ask(f"To {verb} {what}, type `{word}`: ").strip()
    except EOFError:  # nobody is there to ask
        answer = ""
    if answer != word:
        raise CannotDeployNow("not confirmed: nothing was changed")


def _cdk(arguments: Sequence[str]) -> int:
    if not CDK.exists():
        raise CannotDeployNow(f"{CDK.relative_to(ROOT)} is not installed: `make deploy` installs it")
    found = node.use()
    path = f"{found.parent}{os.pathsep}{os.environ['PATH']}"
    surroundings = {**os.environ, "PATH": path, "CDK_DISABLE_CLI_TELEMETRY": "true"}
    return subprocess.run([str(CDK), *arguments], cwd=ROOT, env=surroundings, check=False).returncode  # noqa: S603
