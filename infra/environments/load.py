"""Reads an environment. Every refusal names the place, the problem and the mend."""

from __future__ import annotations

import difflib
from pathlib import Path

from leeward.infra.environments.model import Environment
from leeward.state_machines.documents.application import Application
from leeward.state_machines.load.documents import Loaded, load_text
from leeward.state_machines.load.text import read
from leeward.state_machines.problems import Problem

FOLDER = Path(__file__).parent


class InvalidEnvironment(Exception):
    """The environment can't be used; the text says the place, the problem and the mend, a line each."""


def names(folder: Path = FOLDER) -> list[str]:
    """Those that there are."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load(name: str, application: Application, folder: Path = FOLDER) -> Environment:
    """The environment `name`, fit for the application. Raises InvalidEnvironment."""
    path = folder / f"{name}.yaml"
    if not path.exists():
        near = difflib.get_close_matches(name, names(folder), n=1)
        there = ", ".join(names(folder)) or "none"
        hint = f"did you mean {near[0]}? " if near else ""
        raise InvalidEnvironment(
            f"{path}: there is no environment {name} ({hint}there are: {there}); copy example.yaml to {path.name} "
            "and fill it in"
        )
    text = read(path)
    found = [text] if isinstance(text, Problem) else load_text(text, path, Environment)
    if not isinstance(found, Loaded):
        raise InvalidEnvironment("\n".join(str(problem) for problem in found))
    problems = _unfit(found, name, application)
    if problems:
        raise InvalidEnvironment("\n".join(str(problem) for problem in problems))
    return found.model


def _unfit(found: Loaded[Environment], name: str, application: Application) -> list[Problem]:
    given, problems = found.model, []
    if given.environment != name:
        problems.append(
            found.place.at("environment").problem(
                f"the environment is called {given.environment}, but its file {name}.yaml", hint="rename one of them"
            )
        )
    if given.account != application.account:
        problems.append(
            found.place.at("account").problem(
                f"the environment's account is {given.account}, but the documents of {application.application} are "
                f"for {application.account}",
                hint=f"runbooks/{application.application}/application.yaml holds the ARNs of one account: deploy the "
                "environment of that account, or set its `account` and its ARNs",
            )
        )
    return problems
