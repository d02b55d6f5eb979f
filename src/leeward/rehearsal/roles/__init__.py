"""The IAM roles of Leeward's functions on the twin, from the same data as the deployed roles.

    task_roles    the role of each task's function, and the authorizer that evaluates calls against it

Every call of a task is evaluated, in rehearsals, draws, sweeps, triggered runs, and the served twin. Not evaluated are
the roles that only CDK code defines: those of state machines, event rules, and an application's own functions.

May import leeward.infra.permissions, which needs no CDK.
"""
