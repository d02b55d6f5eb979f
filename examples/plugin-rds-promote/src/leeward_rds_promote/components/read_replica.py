"""`rds.read_replica`: a database instance, and its read replica in the other Region."""

from leeward.api import ComponentKind

KIND = ComponentKind(
    name="rds.read_replica",
    summary="A database instance, and its read replica in the other Region",
    document="leeward_rds_promote.documents.replica:ReadReplicaComponent",
    checks="leeward_rds_promote.documents.replica:check_component",
    world="leeward_rds_promote.rehearsal.simulation:create_instances",
    month_cost="leeward_rds_promote.documents.replica:estimate_month",
    readiness_input="leeward_rds_promote.documents.replica:describe_for_readiness",
    readiness_permissions="leeward_rds_promote.permissions:grant_readiness",
    simulation=("rds",),
)
