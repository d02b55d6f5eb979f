"""Deploying: the difference is shown, a person confirms it, and only then is anything changed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from leeward.infra.packaging.lambda_target import PROJECT_ROOT
from leeward.infra.synthesis import node_runtime
from leeward.infra.synthesis.template_cache import synthesize

CDK_COMMAND = PROJECT_ROOT / "tools" / "aws-cdk" / "node_modules" / ".bin" / "cdk"
# The journal is evidence: taking it away is left to a person, who must first lift its protection.
_JOURNAL_SUFFIX = "-journal"
# Exactly the stacks that a person was shown: cdk would add those that depend on them, the journal's among them.
_EXCLUSIVELY = "--exclusively"
_CREDENTIALS_HINT = (
    "Where it lacks credentials: they are those of your shell, as for the AWS CLI (AWS_PROFILE, or `aws sso login`)"
)

CdkRunner = Callable[[Sequence[str]], int]
Prompt = Callable[[str], str]


class DeploymentFailed(Exception):
    """Nothing was changed, or not everything; the text says why."""


@dataclass(frozen=True, slots=True)
class SynthesizedStack:
    """One stack of the assembly: what cdk calls it, its Region, and the account."""

    name: str
    account: str
    region: str


def list_stacks(folder: Path) -> list[SynthesizedStack]:
    """Of a folder of templates, in the order of their names."""
    artifacts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    found = []
    for name, artifact in sorted(artifacts.items()):
        if artifact["type"] == "aws:cloudformation:stack":
            account, region = artifact["environment"].removeprefix("aws://").split("/")
            found.append(SynthesizedStack(name, account, region))
    return found


def deploy(
    app: str,
    env: str,
    *,
    stack_patterns: Sequence[str] = (),
    yes: bool = False,
    run: CdkRunner | None = None,
    ask: Prompt = input,
) -> None:
    """Show the difference, ask, deploy: all stacks, or those of the names (or patterns) in `only`.

    Raises CannotDeployNow.
    """
    folder, run = synthesize(app, env), run or _run_cdk
    told = [
        s
        for s in list_stacks(folder)
        if not stack_patterns or any(fnmatchcase(s.name, pattern) for pattern in stack_patterns)
    ]
    if not told:
        raise DeploymentFailed(
            f"no stack is called {', '.join(stack_patterns)}; `make synth APP={app} ENV={env}` lists them"
        )
    names = [stack.name for stack in told]
    if run(["diff", "--app", str(folder), "--no-color", _EXCLUSIVELY, *names]):
        raise DeploymentFailed(
            f"the difference could not be shown, so nothing was deployed; cdk says why above. {_CREDENTIALS_HINT}"
        )
    where = ", ".join(sorted({stack.region for stack in told}))
    _confirm(f"{len(told)} stacks of {app} in account {told[0].account}, in {where}", "deploy", env, yes, ask)
    if run(["deploy", "--app", str(folder), "--require-approval", "never", _EXCLUSIVELY, *names]):
        raise DeploymentFailed("not every stack was deployed; cdk says why above. Deploying again goes on from there")


def destroy(app: str, env: str, *, yes: bool = False, run: CdkRunner | None = None, ask: Prompt = input) -> None:
    """Take away all but the journal. Raises CannotDeployNow."""
    folder, run = synthesize(app, env), run or _run_cdk
    names = [stack.name for stack in list_stacks(folder) if not stack.name.endswith(_JOURNAL_SUFFIX)]
    print("\n".join(names))  # noqa: T201 - a command's word
    _confirm(f"these {len(names)} stacks; the journal, keys and logs stay", "destroy", f"{app} {env}", yes, ask)
    if run(["destroy", "--app", str(folder), "--force", _EXCLUSIVELY, *names]):
        raise DeploymentFailed(f"not every stack was destroyed; cdk says why above. {_CREDENTIALS_HINT}")


def _confirm(description: str, verb: str, expected_answer: str, is_confirmed: bool, ask: Prompt) -> None:
    if is_confirmed:
        return
    try:
        answer = ask(f"To {verb} {description}, type `{expected_answer}`: ").strip()
    except EOFError:  # nobody is there to ask
        answer = ""
    if answer != expected_answer:
        raise DeploymentFailed("not confirmed: nothing was changed")


def _run_cdk(arguments: Sequence[str]) -> int:
    if not CDK_COMMAND.exists():
        raise DeploymentFailed(f"{CDK_COMMAND.relative_to(PROJECT_ROOT)} is not installed: `make deploy` installs it")
    found = node_runtime.use_node()
    path = f"{found.parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "PATH": path, "CDK_DISABLE_CLI_TELEMETRY": "true"}
    command = [str(CDK_COMMAND), *arguments]
    return subprocess.run(command, cwd=PROJECT_ROOT, env=variables, check=False).returncode  # noqa: S603
