"""A Leeward plug-in that promotes Amazon RDS read replicas.

- steps: the descriptor of the step kind
- components: the descriptor of the component
- documents: the documents of both, with their rules and states
- task: what the Lambda function does
- permissions: what its role allows
- readiness: is the replica ready to be promoted?
- rehearsal: the RDS calls on the twin, and what rehearsals check
- report: a section of the report
- example: a runbook
"""

from leeward.api import Plugin, ServiceSimulation

PLUGIN = Plugin(
    name="rds-promote",
    step_kinds="leeward_rds_promote.steps",
    components="leeward_rds_promote.components",
    readiness_checks=("leeward_rds_promote.readiness:CHECK",),
    invariants=("leeward_rds_promote.rehearsal.invariants:PROMOTED_ONCE",),
    simulated_services=(ServiceSimulation("rds", install="leeward_rds_promote.rehearsal.simulation:install"),),
    report_sections=("leeward_rds_promote.report:list_promotions",),
)
