"""What is to be deployed: an application's documents, its compiled state machines, and the environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from leeward.infra.environments import ApplicationSettings, Environment, load
from leeward.state_machines.documents.application import Application
from leeward.state_machines.in_use import deployed
from leeward.state_machines.tree import GENERATED, RUNBOOKS, Ready, ready_runbooks


class CannotDeploy(Exception):
    """The application can't be deployed as it is; the text says the place, the problem and the mend."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One application in one environment. `runbooks` are those that are deployed: of the routing that is in use."""

    application: Application
    runbooks: tuple[Ready, ...]
    environment: Environment

    @property
    def name(self) -> str:
        return self.application.application

    @property
    def settings(self) -> ApplicationSettings:
        """What the application needs to know of the environment."""
        return self.environment.settings(self.name)

    def entering(self, region: str) -> tuple[Ready, ...]:
        """The runbooks that enter `region`: their state machines stand there."""
        return tuple(ready for ready in self.runbooks if ready.compiled.way.target == region)


def plan(application: str, environment: str, runbooks: Path = RUNBOOKS, generated: Path = GENERATED) -> Plan:
    """Raises CannotDeploy, InvalidEnvironment and state_machines.tree.InvalidDocuments."""
    every = ready_runbooks(runbooks)
    found = tuple(ready for ready in every if ready.application.application == application)
    if not found:
        there = ", ".join(sorted({ready.application.application for ready in every})) or "none"
        raise CannotDeploy(f"{runbooks.name}/: there is no application {application} (there are: {there})")
    for ready in found:
        path = generated / ready.file
        if not path.exists() or path.read_text(encoding="utf-8") != ready.compiled.text:
            raise CannotDeploy(
                f"{path.relative_to(generated.parent.parent)} is not what the documents compile to: run `leeward "
                "compile`, review the difference and commit it"
            )
    return Plan(found[0].application, tuple(deployed(found)), load(environment, found[0].application))
