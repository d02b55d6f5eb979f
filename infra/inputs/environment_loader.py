"""Loads an environment and checks it against an application. Each error says where the problem is and how to fix it."""

from __future__ import annotations

import difflib
from pathlib import Path

from leeward.infra.inputs.environment_document import DeploymentEnvironment
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.load.document_loader import LoadedDocument, load_text
from leeward.state_machines.load.text_files import read_text


class InvalidEnvironment(Exception):
    """The environment can't be used. The text has one line per problem, with its location and a fix."""


def list_environments(folder: Path) -> list[str]:
    """Return the names of the environments."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_environment(name: str, application: Application, folder: Path) -> DeploymentEnvironment:
    """Load the environment `name` and check that it matches the application. Raises InvalidEnvironment."""
    path = folder / f"{name}.yaml"
    if not path.exists():
        near = difflib.get_close_matches(name, list_environments(folder), n=1)
        known = ", ".join(list_environments(folder)) or "none"
        hint = f"did you mean {near[0]}? " if near else ""
        fix = "copy example.yaml to" if (folder / "example.yaml").exists() else "write"
        raise InvalidEnvironment(
            f"{path}: there is no environment {name} ({hint}there are: {known}); {fix} {path.name} and fill it in "
            "(docs/deploying.md)"
        )
    text = read_text(path)
    loaded = [text] if isinstance(text, DocumentProblem) else load_text(text, path, DeploymentEnvironment)
    if not isinstance(loaded, LoadedDocument):
        raise InvalidEnvironment("\n".join(str(problem) for problem in loaded))
    problems = _find_mismatches(loaded, name, application)
    if problems:
        raise InvalidEnvironment("\n".join(str(problem) for problem in problems))
    return loaded.model


def _find_mismatches(
    loaded: LoadedDocument[DeploymentEnvironment], name: str, application: Application
) -> list[DocumentProblem]:
    environment, problems = loaded.model, []
    if environment.environment != name:
        problems.append(
            loaded.location.child("environment").problem(
                f"the environment is called {environment.environment}, but its file {name}.yaml",
                hint="rename one of them",
            )
        )
    if environment.account != application.account:
        problems.append(
            loaded.location.child("account").problem(
                f"the environment's account is {environment.account}, but the documents of "
                f"{application.application} are for {application.account}",
                hint=f"runbooks/{application.application}/application.yaml holds the ARNs of one account: deploy the "
                "environment of that account, or set its `account` and its ARNs",
            )
        )
    return problems
