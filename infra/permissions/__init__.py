"""What each task may do: one declaration per task, as plain IAM statements. Knows nothing of CDK.

    model   a permission: actions, resources, conditions, and why where it is wide
    uses    which resources a task is handed, read from the application's own state machines
    tasks   the declarations, by task: recovery, traffic, run
    policy  the statements of a task's role in one Region

A role follows from the documents: it names the target groups, routing controls, tags and Regions that the runbooks hand
to its task, and nothing else. `python -m leeward.infra permissions APP` prints them.
"""

from leeward.infra.permissions.model import Permission, Statement
from leeward.infra.permissions.policy import permissions_of, statements_of
from leeward.infra.permissions.tasks import TASKS
from leeward.infra.permissions.uses import Deployed, Uses, uses_of

__all__ = ["TASKS", "Deployed", "Permission", "Statement", "Uses", "permissions_of", "statements_of", "uses_of"]
