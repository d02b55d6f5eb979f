"""The role of each task's function in a world without templates, computed from the runbooks as infra computes it."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.infra.permissions import IamStatement, RegionResources, collect_permissions, merge_statements
from leeward.rehearsal.task_functions import find_task_name
from leeward.rehearsal.worlds.leeward_deployment import LeewardDeployment
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.build import BuiltRunbook
from leeward.twin.engine import Engine
from leeward.twin.errors import TwinError
from leeward.twin.policies import policy_simulation
from leeward.twin.policies.call_authorizer import CallAuthorizer
from leeward.twin.policies.evaluation.policy_documents import read_statements
from leeward.twin.policies.function_role import FunctionRole
from leeward.twin.policies.template_roles import read_function_roles


def enforce_task_roles(
    engine: Engine,
    application: Application,
    runbooks: Sequence[BuiltRunbook],
    deployment: LeewardDeployment | None = None,
) -> CallAuthorizer:
    """Evaluate every later call of a task against its role, and return the authorizer.

    The roles are those of `deployment`, or those that the application would have if exactly `runbooks` were deployed.
    A task that no runbook uses has no role, so each of its calls is denied. Raises TwinError for a task without a
    permission declaration.
    """
    roles = (
        compute_roles(engine, application, runbooks)
        if deployment is None
        else read_function_roles(deployment.assembly, deployment.handler_functions())
    )
    authorizer = CallAuthorizer(
        application.account, roles, engine.functions.find_role, engine.clock.now, label_function=_label
    )
    engine.interceptor.authorizer = authorizer
    policy_simulation.set_simulator(authorizer.simulate)
    return authorizer


def task_statements(resources: RegionResources, runbooks: Sequence[BuiltRunbook]) -> dict[str, list[IamStatement]]:
    """Return the IAM statements of each task's role in a Region. Raises TwinError for a task without a declaration."""
    try:
        permissions = collect_permissions(resources, runbooks)
    except LookupError as error:
        raise TwinError(f"the roles can't be computed: {error}") from error
    return {task: merge_statements(allowed) for task, allowed in permissions.items()}


def compute_roles(
    engine: Engine, application: Application, runbooks: Sequence[BuiltRunbook]
) -> dict[str, FunctionRole]:
    """Return the roles of the application's functions, by ARN. Other applications' functions get none."""
    roles = {}
    own = f":role/leeward/{application.application}/"
    for region in application.regions.both:
        documents = task_statements(RegionResources.from_names(application, region), runbooks)
        for function in engine.functions.list_in_region(region):
            statements = documents.get(find_task_name(function.name) or "")
            if statements is not None and function.role is not None and own in function.role:
                roles[function.role] = FunctionRole(function.role, read_statements([{"Statement": statements}]))
    return roles


def _label(function: str) -> str:
    return find_task_name(function) or function
