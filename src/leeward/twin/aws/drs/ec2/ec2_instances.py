"""DRS's calls to moto's EC2: launch templates, and launch, start, stop, and termination of instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import HTTPException, ServiceException
from moto.ec2.models import ec2_backends

from leeward.twin.aws.drs.state.drs_records import LaunchSettings

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import EC2InstanceStateType

# You can launch into an instance only if it has this tag (DRS user guide, "Launch into source instance").
LAUNCH_INTO_TAG, LAUNCH_INTO_VALUE = "AWSDRS", "AllowLaunchingIntoThisInstance"
_STATES: dict[str, EC2InstanceStateType] = {
    "pending": "PENDING",
    "running": "RUNNING",
    "stopping": "STOPPING",
    "stopped": "STOPPED",
    "shutting-down": "SHUTTING-DOWN",
    "terminated": "TERMINATED",
}


class Ec2CallRejected(Exception):
    """Raised when EC2 rejects a call. DRS shows the message as `rawError`."""


class Ec2Instances:
    """The EC2 of one Region of one account, as DRS uses it."""

    def __init__(self, account_id: str, region: str) -> None:
        self._backend: Any = ec2_backends[account_id][region]
        self._region = region

    def create_launch_template(self, name: str, settings: LaunchSettings) -> str:
        """Create the launch template of a source server, which users can edit, and return its ID."""
        data: dict[str, object] = {"InstanceType": settings.instance_type}
        if settings.subnet_id:
            interface = {"DeviceIndex": 0, "SubnetId": settings.subnet_id, "Groups": list(settings.security_group_ids)}
            data["NetworkInterfaces"] = [interface]
        elif settings.security_group_ids:
            data["SecurityGroupIds"] = list(settings.security_group_ids)
        template_id: str = self._backend.create_launch_template(name, "Created and used by DRS", data, {}).id
        return template_id

    def delete_launch_template(self, template_id: str) -> None:
        """Delete a launch template. Does nothing if it doesn't exist."""
        if template_id in self._backend.launch_templates:
            self._backend.delete_launch_template(None, template_id)

    def run_instance(self, launch_template_id: str, tags: Mapping[str, str]) -> str:
        """Launch an instance from the template's default version, and return its ID. Raises Ec2CallRejected."""
        template = self._backend.launch_templates.get(launch_template_id)
        if template is None:
            raise Ec2CallRejected(
                "An error occurred (InvalidLaunchTemplateId.NotFound) when calling the RunInstances operation: "
                f"The specified launch template, with template ID {launch_template_id}, does not exist."
            )
        data = template.default_version().data
        interfaces = data.get("NetworkInterfaces") or [{}]
        groups = interfaces[0].get("Groups") or data.get("SecurityGroupIds") or []
        subnet_id = interfaces[0].get("SubnetId")
        instance_id: str = self._call_ec2(
            "RunInstances", lambda: self._run_from_template(template.id, subnet_id, groups, tags)
        )
        return instance_id

    def _run_from_template(
        self, template_id: str, subnet_id: str | None, groups: list[str], tags: Mapping[str, str]
    ) -> str:
        reservation = self._backend.run_instances(
            "ami-0d5eff06f840b45e9",  # represents the converted disks, which moto doesn't simulate
            1,
            None,
            [],
            is_instance_type_default=True,
            region_name=self._region,
            subnet_id=subnet_id,
            security_group_ids=list(groups),
            launch_template={"LaunchTemplateId": template_id, "Version": "$Default"},
            tags={"instance": dict(tags)},
        )
        instance_id: str = reservation.instances[0].id
        return instance_id

    def check_launch_into(self, instance_id: str) -> None:
        """Raise Ec2CallRejected unless the instance exists, has the tag and the same platform, and is stopped."""
        state = self.state(instance_id)
        if state in ("NOT_FOUND", "TERMINATED"):
            raise Ec2CallRejected(f"The instance {instance_id} to launch into does not exist")
        instance = self._backend.get_instance(instance_id)
        tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
        if tags.get(LAUNCH_INTO_TAG) != LAUNCH_INTO_VALUE:
            raise Ec2CallRejected(
                f"The instance {instance_id} to launch into lacks the tag {LAUNCH_INTO_TAG}={LAUNCH_INTO_VALUE}"
            )
        # EC2 reports a platform only for Windows. All simulated servers run Linux on x86_64.
        platform, architecture = instance.platform or "linux", instance.architecture
        if (platform, architecture) != ("linux", "x86_64"):
            raise Ec2CallRejected(
                f"The instance {instance_id} to launch into has a different platform from the source server: "
                f"{platform} on {architecture}, not linux on x86_64"
            )
        if state != "STOPPED":
            raise Ec2CallRejected(f"The instance {instance_id} to launch into must be stopped, but is {state}")

    def start(self, instance_id: str) -> None:
        """Start an instance. Raises Ec2CallRejected."""
        self._call_ec2("StartInstances", lambda: self._backend.start_instances([instance_id]))

    def stop(self, instance_id: str) -> None:
        """Stop an instance. Raises Ec2CallRejected."""
        self._call_ec2("StopInstances", lambda: self._backend.stop_instances([instance_id]))

    def terminate(self, instance_id: str) -> None:
        """Terminate an instance, if it exists. Raises Ec2CallRejected, for example with termination protection."""
        if self.state(instance_id) not in ("NOT_FOUND", "TERMINATED"):
            self._call_ec2("TerminateInstances", lambda: self._backend.terminate_instances([instance_id]))

    def state(self, instance_id: str) -> EC2InstanceStateType:
        """Return the state for a recovery instance's `ec2InstanceState`."""
        instance = self._backend.get_instance_by_id(instance_id)
        return _STATES[instance.state] if instance else "NOT_FOUND"

    @staticmethod
    def _call_ec2(call: str, action: Any) -> Any:
        try:
            return action()
        except (ServiceException, HTTPException) as error:
            text = getattr(error, "message", None) or str(error)
            code = getattr(error, "error_type", None) or getattr(error, "code", "Error")
            raise Ec2CallRejected(f"An error occurred ({code}) when calling the {call} operation: {text}") from error
