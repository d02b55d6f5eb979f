"""Operations on the Region's templates: how new source servers are launched, and how they are replicated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.model import Template
from leeward.twin.aws.drs.state import RegionState
from leeward.twin.aws.paging import page
from leeward.twin.aws.plugin import Answer

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        CreateLaunchConfigurationTemplateRequestTypeDef,
        CreateReplicationConfigurationTemplateRequestTypeDef,
        DeleteLaunchConfigurationTemplateRequestTypeDef,
        DeleteReplicationConfigurationTemplateRequestTypeDef,
        DescribeLaunchConfigurationTemplatesRequestTypeDef,
        DescribeReplicationConfigurationTemplatesRequestTypeDef,
        UpdateLaunchConfigurationTemplateRequestTypeDef,
        UpdateReplicationConfigurationTemplateRequestTypeDef,
    )

_LAUNCH, _REPLICATION = "LaunchConfigurationTemplate", "ReplicationConfigurationTemplate"
_LAUNCH_ID, _REPLICATION_ID = "launchConfigurationTemplateID", "replicationConfigurationTemplateID"
_LAUNCH_DEFAULTS: Mapping[str, object] = {
    "launchDisposition": "STARTED",
    "targetInstanceTypeRightSizingMethod": "NONE",
    "copyPrivateIp": False,
    "copyTags": True,
    "licensing": {"osByol": False},
    "postLaunchEnabled": False,
    "launchIntoSourceInstance": False,
    "recoveryMode": "OPTIMAL",
}


class TemplateOperations(RegionState):
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def create_launch_configuration_template(self, params: CreateLaunchConfigurationTemplateRequestTypeDef) -> Answer:
        """CreateLaunchConfigurationTemplate."""
        made = self._create(self.launch_templates, _LAUNCH, "lct", {**_LAUNCH_DEFAULTS, **params})
        return {"launchConfigurationTemplate": _shown(made, _LAUNCH_ID)}

    def describe_launch_configuration_templates(
        self, params: DescribeLaunchConfigurationTemplatesRequestTypeDef
    ) -> Answer:
        """DescribeLaunchConfigurationTemplates."""
        return _described(self.launch_templates, _LAUNCH, _LAUNCH_ID, params, params.get(f"{_LAUNCH_ID}s"))

    def update_launch_configuration_template(self, params: UpdateLaunchConfigurationTemplateRequestTypeDef) -> Answer:
        """UpdateLaunchConfigurationTemplate. What the request leaves out stays as it is."""
        template = _update(self.launch_templates, _LAUNCH, _LAUNCH_ID, params)
        return {"launchConfigurationTemplate": _shown(template, _LAUNCH_ID)}

    def delete_launch_configuration_template(self, params: DeleteLaunchConfigurationTemplateRequestTypeDef) -> Answer:
        """DeleteLaunchConfigurationTemplate."""
        return _delete(self.launch_templates, _LAUNCH, params["launchConfigurationTemplateID"])

    def create_replication_configuration_template(
        self, params: CreateReplicationConfigurationTemplateRequestTypeDef
    ) -> Answer:
        """CreateReplicationConfigurationTemplate. Its settings are kept and shown; they change nothing here."""
        made = self._create(self.replication_templates, _REPLICATION, "rct", params)
        return _shown(made, _REPLICATION_ID)

    def describe_replication_configuration_templates(
        self, params: DescribeReplicationConfigurationTemplatesRequestTypeDef
    ) -> Answer:
        """DescribeReplicationConfigurationTemplates."""
        wanted = params.get(f"{_REPLICATION_ID}s")
        return _described(self.replication_templates, _REPLICATION, _REPLICATION_ID, params, wanted)

    def update_replication_configuration_template(
        self, params: UpdateReplicationConfigurationTemplateRequestTypeDef
    ) -> Answer:
        """UpdateReplicationConfigurationTemplate. What the request leaves out stays as it is."""
        return _shown(_update(self.replication_templates, _REPLICATION, _REPLICATION_ID, params), _REPLICATION_ID)

    def delete_replication_configuration_template(
        self, params: DeleteReplicationConfigurationTemplateRequestTypeDef
    ) -> Answer:
        """DeleteReplicationConfigurationTemplate."""
        return _delete(self.replication_templates, _REPLICATION, params["replicationConfigurationTemplateID"])

    def _create(self, kept: dict[str, Template], kind: str, prefix: str, wanted: Mapping[str, object]) -> Template:
        most = self.shared.quotas.templates_of_a_kind
        if len(kept) >= most:
            raise errors.ServiceQuotaExceededException(
                f"Quota exceeded: {kind}: {len(kept) + 1} of {most}",
                code=errors.ServiceQuotaExceededException.code,
                resourceType=kind,
                serviceCode="drs",
            )
        template_id = self.new_id(prefix)
        arn_kind = "launch-configuration-template" if prefix == "lct" else "replication-configuration-template"
        settings = {key: value for key, value in wanted.items() if key != "tags"}
        tags = wanted.get("tags")
        made = Template(
            template_id, self.arn(arn_kind, template_id), dict(tags) if isinstance(tags, Mapping) else {}, settings
        )
        kept[template_id] = made
        return made


def _found(kept: Mapping[str, Template], kind: str, template_id: str) -> Template:
    found = kept.get(template_id)
    if found is None:
        raise errors.no_such(template_id, kind)
    return found


def _described(
    kept: Mapping[str, Template], kind: str, id_member: str, params: Mapping[str, object], wanted: object
) -> Answer:
    ids = [str(i) for i in wanted] if isinstance(wanted, list) else []
    found = [_found(kept, kind, i) for i in ids] if ids else list(kept.values())
    token, size = params.get("nextToken"), params.get("maxResults")
    part, after = page(
        found,
        lambda t: t.template_id,
        token if isinstance(token, str) else None,
        size if isinstance(size, int) else None,
    )
    items = [_shown(template, id_member) for template in part]
    return {"items": items, "nextToken": after} if after else {"items": items}


def _update(kept: Mapping[str, Template], kind: str, id_member: str, params: Mapping[str, object]) -> Template:
    template = _found(kept, kind, str(params[id_member]))
    template.settings.update({k: v for k, v in params.items() if k not in (id_member, "arn")})
    return template


def _delete(kept: dict[str, Template], kind: str, template_id: str) -> Answer:
    del kept[_found(kept, kind, template_id).template_id]
    return {}


def _shown(template: Template, id_member: str) -> dict[str, object]:
    known = {id_member: template.template_id, "arn": template.arn, "tags": dict(template.tags)}
    return {**template.settings, **known}
