"""Deploys and destroys stacks. Shows the difference and asks for confirmation before any change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from leeward.base.installation.project_folders import find_project
from leeward.infra.synthesis import node_runtime
from leeward.infra.synthesis.template_cache import synthesize

# Below the root of a clone, where `make deploy` installs it. Elsewhere it is looked for on the PATH.
CDK_COMMAND = Path("tools") / "aws-cdk" / "node_modules" / ".bin" / "cdk"
# The journal is evidence, so `destroy` keeps it. An operator who deletes it must first turn off its deletion
# protection.
_JOURNAL_SUFFIX = "-journal"
# Only the stacks that were shown. Otherwise, cdk adds the stacks that depend on them, including the journal's.
_EXCLUSIVELY = "--exclusively"
_CREDENTIALS_HINT = (
    "If credentials are missing, set them in your shell, as for the AWS CLI (AWS_PROFILE, or `aws sso login`)."
)

CdkRunner = Callable[[Sequence[str]], int]
Prompt = Callable[[str], str]


class DeploymentFailed(Exception):
    """The deployment changed nothing, or only a part. The text says why."""


@dataclass(frozen=True, slots=True)
class SynthesizedStack:
    """A stack of the assembly: its name in cdk, its account, and its Region."""

    name: str
    account: str
    region: str


def list_stacks(folder: Path) -> list[SynthesizedStack]:
    """Return the stacks in a folder of templates, ordered by name."""
    artifacts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    stacks = []
    for name, artifact in sorted(artifacts.items()):
        if artifact["type"] == "aws:cloudformation:stack":
            account, region = artifact["environment"].removeprefix("aws://").split("/")
            stacks.append(SynthesizedStack(name, account, region))
    return stacks


def deploy(
    app: str,
    env: str,
    *,
    stack_patterns: Sequence[str] = (),
    yes: bool = False,
    run: CdkRunner | None = None,
    ask: Prompt = input,
) -> None:
    """Show the difference, ask for confirmation, and deploy all stacks or those that match `stack_patterns`.

    Raises DeploymentFailed.
    """
    folder, run = synthesize(app, env), run or _run_cdk
    stacks = [
        s
        for s in list_stacks(folder)
        if not stack_patterns or any(fnmatchcase(s.name, pattern) for pattern in stack_patterns)
    ]
    if not stacks:
        raise DeploymentFailed(
            f"No stack is called {', '.join(stack_patterns)}. Run `make synth APP={app} ENV={env}` to list the stacks."
        )
    names = [stack.name for stack in stacks]
    if run(["diff", "--app", str(folder), "--no-color", _EXCLUSIVELY, *names]):
        raise DeploymentFailed(
            f"cdk could not show the difference, so nothing was deployed. See its output above. {_CREDENTIALS_HINT}"
        )
    regions = ", ".join(sorted({stack.region for stack in stacks}))
    _confirm(f"{len(stacks)} stacks of {app} in account {stacks[0].account}, in {regions}", "deploy", env, yes, ask)
    if run(["deploy", "--app", str(folder), "--require-approval", "never", _EXCLUSIVELY, *names]):
        raise DeploymentFailed("Some stacks were not deployed. See cdk's output above, then deploy again to continue.")


def destroy(app: str, env: str, *, yes: bool = False, run: CdkRunner | None = None, ask: Prompt = input) -> None:
    """Destroy all stacks except the journal. Raises DeploymentFailed."""
    folder, run = synthesize(app, env), run or _run_cdk
    names = [stack.name for stack in list_stacks(folder) if not stack.name.endswith(_JOURNAL_SUFFIX)]
    print("\n".join(names))  # noqa: T201 - the command's output
    _confirm(f"these {len(names)} stacks (the journal, keys, and logs are kept)", "destroy", f"{app} {env}", yes, ask)
    if run(["destroy", "--app", str(folder), "--force", _EXCLUSIVELY, *names]):
        raise DeploymentFailed(f"Some stacks were not destroyed. See cdk's output above. {_CREDENTIALS_HINT}")


def _confirm(description: str, verb: str, expected_answer: str, is_confirmed: bool, ask: Prompt) -> None:
    if is_confirmed:
        return
    try:
        answer = ask(f"To {verb} {description}, type `{expected_answer}`: ").strip()
    except EOFError:  # not interactive
        answer = ""
    if answer != expected_answer:
        raise DeploymentFailed("Not confirmed. Nothing was changed.")


def _run_cdk(arguments: Sequence[str]) -> int:
    root = find_project().root
    cdk = str(root / CDK_COMMAND) if (root / CDK_COMMAND).exists() else shutil.which("cdk")
    if cdk is None:
        raise DeploymentFailed(
            f"The cdk command is neither in {CDK_COMMAND} nor on the PATH. In a clone `make deploy` installs it; "
            "elsewhere run `npm install --global aws-cdk`."
        )
    node = node_runtime.use_node()
    path = f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "PATH": path, "CDK_DISABLE_CLI_TELEMETRY": "true"}
    return subprocess.run([cdk, *arguments], cwd=root, env=variables, check=False).returncode  # noqa: S603
