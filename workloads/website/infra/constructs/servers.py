"""The website's servers in its primary Region."""

from __future__ import annotations

from aws_cdk import Acknowledgment, CfnOutput, Duration, Tags, Validations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from workloads.website.infra.constructs.network import WebsiteNetwork

# DRS supports this instance type. It doesn't support ARM (DRS user guide, supported operating systems).
_INSTANCE_TYPE = "t3.small"
_AGENT_URL = "https://aws-elastic-disaster-recovery-{region}.s3.{region}.amazonaws.com/latest/linux"
_MANAGED_POLICIES = ("AmazonSSMManagedInstanceCore", "service-role/AWSElasticDisasterRecoveryEc2InstancePolicy")
_ACKNOWLEDGED_FINDINGS = {
    **{
        f"AwsSolutions-IAM4[Policy::arn:aws:iam::aws:policy/{policy}]": "Required by the AWS agent on the server. "
        "AWS does not document its individual calls"
        for policy in _MANAGED_POLICIES
    },
    "CloudFormation-Validate::W9010": "The environment sets the image. A changing image would replace the servers",
}
_PAGES = {
    "home-page": ("/", "<h1>Home</h1> Welcome."),
    "catalogue-page": ("/catalogue", "<h1>Catalogue</h1> 1,024 things."),
}


# A server that isn't set up within this time fails the deployment.
_SETUP_TIME = Duration.minutes(20)
# The first command that fails ends the script, and CloudFormation is told. The network may be slow to come up.
_FAIL_EARLY = (
    "set -euo pipefail",
    """retry() {
  for attempt in $(seq 30); do
    "$@" && return
    echo "attempt $attempt of 30 failed: $*" >&2
    sleep 10
  done
  return 1
}""",
    "retry dnf install -y aws-cfn-bootstrap",
)


class WebsiteServers(Construct):
    """A database server and a server for each page, by role. Each registers itself with DRS in the standby Region."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        network: WebsiteNetwork,
        image: str,
        region: str,
        standby: str,
        application: str,
    ) -> None:
        super().__init__(scope, name)
        self._network, self._image, self._standby, self._application = network, image, standby, application
        self._machine = ec2.MachineImage.generic_linux({region: image})
        self._role = iam.Role(
            self,
            "role",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            description="Website servers: Systems Manager and the DRS agent",
            managed_policies=[
                iam.ManagedPolicy.from_managed_policy_arn(self, policy, f"arn:aws:iam::aws:policy/{policy}")
                for policy in _MANAGED_POLICIES
            ],
        )
        for finding, reason in _ACKNOWLEDGED_FINDINGS.items():
            Validations.of(self).acknowledge(Acknowledgment(id=finding, reason=reason))
        self.web = {role: self._create_server(role, network.web, _web_server_commands(role)) for role in _PAGES}
        self._create_server("database", network.database, _DATABASE_COMMANDS)

    def _create_server(self, role: str, group: ec2.SecurityGroup, commands: list[str]) -> ec2.Instance:
        user_data = ec2.UserData.for_linux()
        subnets = ec2.SubnetSelection(subnet_group_name="servers")
        server = ec2.Instance(
            self,
            role,
            vpc=self._network.vpc,
            vpc_subnets=subnets,
            instance_type=ec2.InstanceType(_INSTANCE_TYPE),
            machine_image=self._machine,
            security_group=group,
            role=self._role,
            user_data=user_data,
            resource_signal_timeout=_SETUP_TIME,
            require_imdsv2=True,
            detailed_monitoring=True,
            disable_api_termination=True,
            block_devices=[
                ec2.BlockDevice(device_name="/dev/xvda", volume=ec2.BlockDeviceVolume.ebs(8, encrypted=True))
            ],
        )
        user_data.add_signal_on_exit_command(server)
        user_data.add_commands(*_FAIL_EARLY, *commands, *self._enrolment_commands())
        for subnet in self._network.vpc.select_subnets(subnet_group_name=subnets.subnet_group_name).subnets:
            server.node.add_dependency(subnet.internet_connectivity_established)
        for key, value in {"Application": self._application, "Role": role, "Name": role}.items():
            Tags.of(server).add(key, value)
        CfnOutput(self, f"Instance-{role}", value=server.instance_id)
        return server

    def _enrolment_commands(self) -> list[str]:
        installer = _AGENT_URL.format(region=self._standby) + "/aws-replication-installer-init"
        return [
            f"retry curl -fsSLo /tmp/enrol {installer}",
            f"chmod +x /tmp/enrol\nretry /tmp/enrol --region {self._standby} --no-prompt",
        ]


_DATABASE_COMMANDS = [
    "retry dnf install -y postgresql15-server",
    "postgresql-setup --initdb",
    "systemctl enable --now postgresql",
]


def _web_server_commands(role: str) -> list[str]:
    path, page = _PAGES[role]
    file = f"{path.rstrip('/')}/index.html"
    # Without a location of its own, nginx redirects the path of a folder, which a health check takes for a failure.
    location = f"location = {path} {{ try_files {file} =404; }}"
    return [
        "retry dnf install -y nginx",
        f"install -D /dev/stdin /usr/share/nginx/html{file} <<'PAGE'\n{page}\nPAGE",
        f"echo '{location}' > /etc/nginx/default.d/page.conf",
        "systemctl enable --now nginx",
    ]
