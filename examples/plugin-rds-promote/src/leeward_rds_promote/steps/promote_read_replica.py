"""`rds.promote_read_replica`: make a read replica an instance of its own, which takes writes."""

from leeward.api import Effect, PlannedTime, ServiceUse, StepKind, Task

KIND = StepKind(
    name="rds.promote_read_replica",
    summary="Promote the target Region's read replica, so that it takes writes",
    document="leeward_rds_promote.documents.promotion:PromoteReadReplicaStep",
    compiler="leeward_rds_promote.documents.promotion:compile_step",
    checks="leeward_rds_promote.documents.promotion:check_step",
    effects=frozenset({Effect.CHANGES}),
    changes=frozenset({"rds"}),
    tasks=(
        Task(
            "rds_promote_read_replica",
            handler="leeward_rds_promote.task:handler",
            permissions="leeward_rds_promote.permissions:grant_promotion",
            probed_permissions="leeward_rds_promote.permissions:probe_promotion",
        ),
    ),
    # An assumption: RDS reboots the instance, and turns automated backups on if they are off.
    planned_time=PlannedTime(p50=5 * 60, p95=15 * 60),
    services=(ServiceUse("rds", control_plane=True),),
    simulation=("rds",),
    readiness=("database",),
    example="leeward_rds_promote.example:failover.yaml",
)
