"""What to deploy: an application's documents, its compiled state machines, and the environment."""

from __future__ import annotations

from dataclasses import dataclass

from leeward.base.installation.project_folders import ProjectFolders, find_project
from leeward.infra.inputs import ApplicationSettings, DeploymentEnvironment, load_environment
from leeward.state_machines.active_routing import select_deployed
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.build import BuiltRunbook, build_runbooks


class NotDeployable(Exception):
    """The application can't be deployed as it is. The text says where the problem is and how to fix it."""


@dataclass(frozen=True, slots=True)
class DeploymentPlan:
    """An application in an environment. `runbooks` has only those of the active routing variant."""

    application: Application
    runbooks: tuple[BuiltRunbook, ...]
    environment: DeploymentEnvironment

    @property
    def name(self) -> str:
        return self.application.application

    @property
    def settings(self) -> ApplicationSettings:
        """Return the environment's settings for the application."""
        return self.environment.settings_of(self.name)

    def runbooks_entering(self, region: str) -> tuple[BuiltRunbook, ...]:
        """Return the runbooks whose target Region is `region`. Their state machines are deployed there."""
        return tuple(built for built in self.runbooks if built.compiled.run_regions.target == region)


def load_plan(application: str, environment: str, project: ProjectFolders | None = None) -> DeploymentPlan:
    """Load the plan. Raises NotDeployable, InvalidEnvironment, or state_machines.build.InvalidDocuments."""
    project = project or find_project()
    all_runbooks = build_runbooks(project.runbooks)
    runbooks = tuple(built for built in all_runbooks if built.application.application == application)
    if not runbooks:
        known = ", ".join(sorted({built.application.application for built in all_runbooks})) or "none"
        raise NotDeployable(f"runbooks/: there is no application {application} (there are: {known})")
    for built in runbooks:
        path = project.generated / built.generated_path
        if not path.exists() or path.read_text(encoding="utf-8") != built.compiled.text:
            raise NotDeployable(
                f"{path.relative_to(project.root)} is not what the documents compile to: run `leeward "
                "compile`, review the difference and commit it"
            )
    loaded = load_environment(environment, runbooks[0].application, project.environments)
    return DeploymentPlan(runbooks[0].application, tuple(select_deployed(runbooks)), loaded)
