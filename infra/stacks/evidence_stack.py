"""`leeward-<application>-evidence`: the key that signs exports, and the status board's bucket in the standby Region.

Readers of the board need an IAM role. There is no CloudFront distribution, because the board shows which defects would
prevent a failover, and a distribution would need its own authentication. Each page is self-contained, so that a
presigned URL of it opens in any browser.
"""

from __future__ import annotations

from typing import Any

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from leeward.common.naming import resource_names
from leeward.common.naming.telemetry_names import EVENT_SOURCE, DomainEventType
from leeward.infra.constructs.event_rules import InvocationRule
from leeward.infra.inputs.deployment_plan import DeploymentPlan
from leeward.infra.permissions import RegionResources
from leeward.infra.stacks.triggers_stack import build_function_arn
from leeward.state_machines.deployment import board_event, readiness_event

_OLD_PAGES_KEPT = Duration.days(90)
_RETRY_HOURS = 0.25
# The events after which a page changes. A readiness check runs every half hour in any case.
_PUBLISHING_EVENTS = (
    DomainEventType.READINESS_LOOKED,
    DomainEventType.RUN_BEGAN,
    DomainEventType.QUESTION_ASKED,
    DomainEventType.QUESTION_ANSWERED,
    DomainEventType.RUN_ENDED,
)


class EvidenceStack(Stack):
    """The signing key and the policy to use it, and the board's bucket and the policy to read it."""

    def __init__(self, scope: Construct, name: str, *, plan: DeploymentPlan, region: str, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        self._plan, self._resources = plan, RegionResources.from_names(plan.application, region)
        self._create_signer_policy(self._create_signing_key())
        if readiness_event.select_checked_runbooks(plan.runbooks, region):
            self._create_board_bucket()
            self._create_board_reader_policy()
            self._create_publish_rule()

    def _create_signing_key(self) -> kms.Key:
        key = kms.Key(
            self,
            "key",
            alias=resource_names.evidence_key_alias(self._plan.name),
            description=f"{self._plan.name}: signs exported evidence",
            key_spec=kms.KeySpec.ECC_NIST_P256,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=RemovalPolicy.RETAIN,
        )
        # A run must not sign evidence about itself. This also covers a task's role that someone has taken over.
        roles = f"arn:aws:iam::{self._plan.application.account}:role/leeward/*"
        key.add_to_resource_policy(
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["kms:Sign"],
                resources=["*"],  # in a key policy, "*" means this key
                conditions={"ArnLike": {"aws:PrincipalArn": roles}},
            )
        )
        return key

    def _create_signer_policy(self, key: kms.Key) -> None:
        """Create the policy for the role that exports evidence: read the journal, and sign."""
        self._create_policy(
            "signer",
            "Export evidence: read the journal and sign the bundle (leeward export)",
            [
                iam.PolicyStatement(actions=["kms:GetPublicKey"], resources=[key.key_arn]),
                iam.PolicyStatement(
                    actions=["kms:Sign"],
                    resources=[key.key_arn],
                    conditions={"StringEquals": {"kms:SigningAlgorithm": "ECDSA_SHA_256"}},
                ),
                iam.PolicyStatement(actions=["dynamodb:Query"], resources=[self._resources.table]),
                self._decrypt_statement("dynamodb"),
            ],
            "",
        )

    def _create_board_bucket(self) -> None:
        region, application = self._resources.region, self._plan.application
        bucket = s3.Bucket(
            self,
            "board",
            bucket_name=resource_names.board_bucket_name(self._plan.name, application.account, region),
            encryption=s3.BucketEncryption.KMS,
            # By its alias, because the key belongs to the engine stack.
            encryption_key=kms.Alias.from_alias_name(self, "own", self._resources.key_alias),
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[s3.LifecycleRule(noncurrent_version_expiration=_OLD_PAGES_KEPT)],
            removal_policy=RemovalPolicy.RETAIN,
        )
        reason = "The board is not evidence. CloudTrail data events can record who reads it"
        Validations.of(bucket).acknowledge(Acknowledgment(id="AwsSolutions-S1", reason=reason))

    def _create_board_reader_policy(self) -> None:
        """Create the policy for the operators' role: read the board."""
        bucket = resource_names.board_bucket_name(
            self._plan.name, self._plan.application.account, self._resources.region
        )
        arn = f"arn:aws:s3:::{bucket}"
        self._create_policy(
            "board-reader",
            "Read the board: aws s3 sync, or aws s3 presign",
            [
                iam.PolicyStatement(actions=["s3:ListBucket"], resources=[arn]),
                iam.PolicyStatement(actions=["s3:GetObject"], resources=[f"{arn}/*"]),
                self._decrypt_statement("s3"),
            ],
            f"Resource::{arn}/*",
        )

    def _create_publish_rule(self) -> None:
        """Create the rule that publishes the board after each readiness check and after a run's main events."""
        InvocationRule(
            self,
            "publish",
            rule={
                "description": f"{self._plan.name}: publish the board again",
                "event_pattern": {
                    "source": [EVENT_SOURCE],
                    "detail-type": [kind.value for kind in _PUBLISHING_EVENTS],
                    "detail": {"application": [self._plan.name]},
                },
            },
            function=build_function_arn(self._resources, board_event.TASK_NAME),
            target_input={"input": board_event.build_event_text(self._plan.runbooks, self._resources.region)},
            dead_letters=None,
            retry_hours=_RETRY_HOURS,
        )

    def _decrypt_statement(self, service: str) -> iam.PolicyStatement:
        """Return a statement that allows decryption with the application's key, through the service."""
        return iam.PolicyStatement(
            actions=["kms:Decrypt"],
            resources=[f"arn:aws:kms:{self._resources.region}:{self._plan.application.account}:key/*"],
            conditions={
                "StringEquals": {"kms:ViaService": f"{service}.{self._resources.region}.amazonaws.com"},
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": self._resources.key_alias},
            },
        )

    def _create_policy(
        self, suffix: str, description: str, statements: list[iam.PolicyStatement], wide_resource: str
    ) -> None:
        """Create a managed policy, which a team attaches to its own role."""
        policy = iam.ManagedPolicy(
            self,
            suffix,
            managed_policy_name=f"{resource_names.application_prefix(self._plan.name)}-{suffix}-{self._resources.region}",
            path=f"/leeward/{self._plan.name}/",
            description=description,
            statements=statements,
        )
        key = f"Resource::arn:aws:kms:{self._resources.region}:{self._plan.application.account}:key/*"
        reasons = {key: "The key belongs to the engine stack. The condition limits it by its alias"}
        if wide_resource:
            reasons[wide_resource] = "The bucket contains only the board, which readers may read completely"
        for finding, reason in sorted(reasons.items()):
            Validations.of(policy).acknowledge(Acknowledgment(id=f"AwsSolutions-IAM5[{finding}]", reason=reason))
