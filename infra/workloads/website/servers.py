"""The website's servers, in the Region where it runs on a normal day."""

from __future__ import annotations

from aws_cdk import Acknowledgment, CfnOutput, Tags, Validations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from leeward.infra.workloads.website.network import Network

# DRS replicates machines of this kind; it knows no ARM (DRS user guide, supported operating systems).
_KIND = "t3.small"
_AGENT = "https://aws-elastic-disaster-recovery-{region}.s3.{region}.amazonaws.com/latest/linux"
_MANAGED = ("AmazonSSMManagedInstanceCore", "service-role/AWSElasticDisasterRecoveryEc2InstancePolicy")
_ACKNOWLEDGED = {
    **{
        f"AwsSolutions-IAM4[Policy::arn:aws:iam::aws:policy/{policy}]": "What AWS's own agent on the server needs, as "
        "AWS keeps it: its calls are not documented one by one"
        for policy in _MANAGED
    },
    "CloudFormation-Validate::W9010": "The environment names the image: a moving one would replace the servers",
}
_PAGES = {
    "home-page": ("/", "<h1>Home</h1> Welcome."),
    "catalogue-page": ("/catalogue", "<h1>Catalogue</h1> 1,024 things."),
}


class Servers(Construct):
    """A database and a server for each page, by role; each enrols itself with DRS of the standby Region."""

    def __init__(
        self, scope: Construct, name: str, *, network: Network, image: str, region: str, standby: str, application: str
    ) -> None:
        super().__init__(scope, name)
        self._network, self._image, self._standby, self._application = network, image, standby, application
        self._machine = ec2.MachineImage.generic_linux({region: image})
        self._role = iam.Role(
            self,
            "role",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            description="The servers: Systems Manager instead of keys, and the agent of DRS",
            managed_policies=[
                iam.ManagedPolicy.from_managed_policy_arn(self, policy, f"arn:aws:iam::aws:policy/{policy}")
                for policy in _MANAGED
            ],
        )
        for finding, reason in _ACKNOWLEDGED.items():
            Validations.of(self).acknowledge(Acknowledgment(id=finding, reason=reason))
        self.web = {role: self._server(role, network.web, _serving(role)) for role in _PAGES}
        self._server("database", network.database, ["dnf install -y postgresql15-server", *_DATABASE])

    def _server(self, role: str, group: ec2.SecurityGroup, commands: list[str]) -> ec2.Instance:
        start = ec2.UserData.for_linux()
        start.add_commands(*commands, *self._enrol())
        server = ec2.Instance(
            self,
            role,
            vpc=self._network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name="servers"),
            instance_type=ec2.InstanceType(_KIND),
            machine_image=self._machine,
            security_group=group,
            role=self._role,
            user_data=start,
            require_imdsv2=True,
            detailed_monitoring=True,
            disable_api_termination=True,
            block_devices=[
                ec2.BlockDevice(device_name="/dev/xvda", volume=ec2.BlockDeviceVolume.ebs(8, encrypted=True))
            ],
        )
        for key, value in {"Application": self._application, "Role": role, "Name": role}.items():
            Tags.of(server).add(key, value)
        CfnOutput(self, f"Instance-{role}", value=server.instance_id)
        return server

    def _enrol(self) -> list[str]:
        installer = _AGENT.format(region=self._standby) + "/aws-replication-installer-init"
        return [
            f"curl -fsSLo /tmp/enrol {installer}",
            f"chmod +x /tmp/enrol && /tmp/enrol --region {self._standby} --no-prompt",
        ]


_DATABASE = ["postgresql-setup --initdb", "systemctl enable --now postgresql"]


def _serving(role: str) -> list[str]:
    path, page = _PAGES[role]
    file = f"/usr/share/nginx/html{path.rstrip('/')}/index.html"
    return [
        "dnf install -y nginx",
        f"install -D /dev/stdin {file} <<'PAGE'\n{page}\nPAGE",
        "systemctl enable --now nginx",
    ]
