"""Reads an environment. Every refusal names the place, the problem and the mend."""

from __future__ import annotations

import difflib
from pathlib import Path

from leeward.infra.inputs.environment_document import DeploymentEnvironment
from leeward.infra.packaging.lambda_target import PROJECT_ROOT
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.load.document_loader import LoadedDocument, load_text
from leeward.state_machines.load.text_files import read_text

ENVIRONMENTS_FOLDER = PROJECT_ROOT / "infra" / "environments"


class InvalidEnvironment(Exception):
    """The environment can't be used; the text says the place, the problem and the mend, a line each."""


def list_environments(folder: Path = ENVIRONMENTS_FOLDER) -> list[str]:
    """Those that there are."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_environment(name: str, application: Application, folder: Path = ENVIRONMENTS_FOLDER) -> DeploymentEnvironment:
    """The environment `name`, fit for the application. Raises InvalidEnvironment."""
    path = folder / f"{name}.yaml"
    if not path.exists():
        near = difflib.get_close_matches(name, list_environments(folder), n=1)
        there = ", ".join(list_environments(folder)) or "none"
        hint = f"did you mean {near[0]}? " if near else ""
        raise InvalidEnvironment(
            f"{path}: there is no environment {name} ({hint}there are: {there}); copy example.yaml to {path.name} "
            "and fill it in"
        )
    text = read_text(path)
    found = [text] if isinstance(text, DocumentProblem) else load_text(text, path, DeploymentEnvironment)
    if not isinstance(found, LoadedDocument):
        raise InvalidEnvironment("\n".join(str(problem) for problem in found))
    problems = _find_mismatches(found, name, application)
    if problems:
        raise InvalidEnvironment("\n".join(str(problem) for problem in problems))
    return found.model


def _find_mismatches(
    loaded: LoadedDocument[DeploymentEnvironment], name: str, application: Application
) -> list[DocumentProblem]:
    given, problems = loaded.model, []
    if given.environment != name:
        problems.append(
            loaded.location.child("environment").problem(
                f"the environment is called {given.environment}, but its file {name}.yaml", hint="rename one of them"
            )
        )
    if given.account != application.account:
        problems.append(
            loaded.location.child("account").problem(
                f"the environment's account is {given.account}, but the documents of {application.application} are "
                f"for {application.account}",
                hint=f"runbooks/{application.application}/application.yaml holds the ARNs of one account: deploy the "
                "environment of that account, or set its `account` and its ARNs",
            )
        )
    return problems
