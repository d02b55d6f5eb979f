"""What is to be deployed: an application's documents, its compiled state machines, and the environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from leeward.infra.inputs import ApplicationSettings, DeploymentEnvironment, load_environment
from leeward.state_machines.active_routing import select_deployed
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.build import GENERATED_FOLDER, RUNBOOKS_FOLDER, BuiltRunbook, build_runbooks


class NotDeployable(Exception):
    """The application can't be deployed as it is; the text says the place, the problem and the mend."""


@dataclass(frozen=True, slots=True)
class DeploymentPlan:
    """One application in one environment. `runbooks` are those that are deployed: of the routing that is in use."""

    application: Application
    runbooks: tuple[BuiltRunbook, ...]
    environment: DeploymentEnvironment

    @property
    def name(self) -> str:
        return self.application.application

    @property
    def settings(self) -> ApplicationSettings:
        """What the application needs to know of the environment."""
        return self.environment.settings_of(self.name)

    def runbooks_entering(self, region: str) -> tuple[BuiltRunbook, ...]:
        """The runbooks that enter `region`: their state machines stand there."""
        return tuple(ready for ready in self.runbooks if ready.compiled.run_regions.target == region)


def load_plan(
    application: str, environment: str, runbooks: Path = RUNBOOKS_FOLDER, generated: Path = GENERATED_FOLDER
) -> DeploymentPlan:
    """Raises CannotDeploy, InvalidEnvironment and state_machines.tree.InvalidDocuments."""
    every = build_runbooks(runbooks)
    found = tuple(ready for ready in every if ready.application.application == application)
    if not found:
        there = ", ".join(sorted({ready.application.application for ready in every})) or "none"
        raise NotDeployable(f"{runbooks.name}/: there is no application {application} (there are: {there})")
    for ready in found:
        path = generated / ready.generated_path
        if not path.exists() or path.read_text(encoding="utf-8") != ready.compiled.text:
            raise NotDeployable(
                f"{path.relative_to(generated.parent.parent)} is not what the documents compile to: run `leeward "
                "compile`, review the difference and commit it"
            )
    return DeploymentPlan(
        found[0].application, tuple(select_deployed(found)), load_environment(environment, found[0].application)
    )
