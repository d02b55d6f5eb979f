"""API operations on launch configuration templates and replication configuration templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.state.drs_records import ConfigurationTemplate
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.service_framework.pagination import paginate
from leeward.twin.aws.service_framework.service_plugin import OperationResult

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


class TemplateOperations(DrsRegionState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def create_launch_configuration_template(
        self, params: CreateLaunchConfigurationTemplateRequestTypeDef
    ) -> OperationResult:
        """Implement CreateLaunchConfigurationTemplate."""
        template = self._create_template(self.launch_templates, _LAUNCH, "lct", {**_LAUNCH_DEFAULTS, **params})
        return {"launchConfigurationTemplate": _template_view(template, _LAUNCH_ID)}

    def describe_launch_configuration_templates(
        self, params: DescribeLaunchConfigurationTemplatesRequestTypeDef
    ) -> OperationResult:
        """Implement DescribeLaunchConfigurationTemplates."""
        return _describe_templates(self.launch_templates, _LAUNCH, _LAUNCH_ID, params, params.get(f"{_LAUNCH_ID}s"))

    def update_launch_configuration_template(
        self, params: UpdateLaunchConfigurationTemplateRequestTypeDef
    ) -> OperationResult:
        """Implement UpdateLaunchConfigurationTemplate. Members that the request omits don't change."""
        template = _update_template(self.launch_templates, _LAUNCH, _LAUNCH_ID, params)
        return {"launchConfigurationTemplate": _template_view(template, _LAUNCH_ID)}

    def delete_launch_configuration_template(
        self, params: DeleteLaunchConfigurationTemplateRequestTypeDef
    ) -> OperationResult:
        """Implement DeleteLaunchConfigurationTemplate."""
        return _delete_template(self.launch_templates, _LAUNCH, params["launchConfigurationTemplateID"])

    def create_replication_configuration_template(
        self, params: CreateReplicationConfigurationTemplateRequestTypeDef
    ) -> OperationResult:
        """Implement CreateReplicationConfigurationTemplate. The settings are stored, but have no effect."""
        template = self._create_template(self.replication_templates, _REPLICATION, "rct", params)
        return _template_view(template, _REPLICATION_ID)

    def describe_replication_configuration_templates(
        self, params: DescribeReplicationConfigurationTemplatesRequestTypeDef
    ) -> OperationResult:
        """Implement DescribeReplicationConfigurationTemplates."""
        wanted = params.get(f"{_REPLICATION_ID}s")
        return _describe_templates(self.replication_templates, _REPLICATION, _REPLICATION_ID, params, wanted)

    def update_replication_configuration_template(
        self, params: UpdateReplicationConfigurationTemplateRequestTypeDef
    ) -> OperationResult:
        """Implement UpdateReplicationConfigurationTemplate. Members that the request omits don't change."""
        return _template_view(
            _update_template(self.replication_templates, _REPLICATION, _REPLICATION_ID, params), _REPLICATION_ID
        )

    def delete_replication_configuration_template(
        self, params: DeleteReplicationConfigurationTemplateRequestTypeDef
    ) -> OperationResult:
        """Implement DeleteReplicationConfigurationTemplate."""
        return _delete_template(self.replication_templates, _REPLICATION, params["replicationConfigurationTemplateID"])

    def _create_template(
        self, templates: dict[str, ConfigurationTemplate], kind: str, prefix: str, wanted: Mapping[str, object]
    ) -> ConfigurationTemplate:
        quota = self.shared.quotas.templates_per_kind
        if len(templates) >= quota:
            raise drs_errors.ServiceQuotaExceededException(
                f"Quota exceeded: {kind}: {len(templates) + 1} of {quota}",
                code=drs_errors.ServiceQuotaExceededException.code,
                resourceType=kind,
                serviceCode="drs",
            )
        template_id = self.new_id(prefix)
        arn_kind = "launch-configuration-template" if prefix == "lct" else "replication-configuration-template"
        settings = {key: value for key, value in wanted.items() if key != "tags"}
        tags = wanted.get("tags")
        template = ConfigurationTemplate(
            template_id, self.arn(arn_kind, template_id), dict(tags) if isinstance(tags, Mapping) else {}, settings
        )
        templates[template_id] = template
        return template


def _require_template(
    templates: Mapping[str, ConfigurationTemplate], kind: str, template_id: str
) -> ConfigurationTemplate:
    template = templates.get(template_id)
    if template is None:
        raise drs_errors.not_found_error(template_id, kind)
    return template


def _describe_templates(
    templates: Mapping[str, ConfigurationTemplate],
    kind: str,
    id_member: str,
    params: Mapping[str, object],
    wanted: object,
) -> OperationResult:
    ids = [str(i) for i in wanted] if isinstance(wanted, list) else []
    found = [_require_template(templates, kind, i) for i in ids] if ids else list(templates.values())
    token, size = params.get("nextToken"), params.get("maxResults")
    page, next_token = paginate(
        found,
        lambda t: t.template_id,
        token if isinstance(token, str) else None,
        size if isinstance(size, int) else None,
    )
    items = [_template_view(template, id_member) for template in page]
    return {"items": items, "nextToken": next_token} if next_token else {"items": items}


def _update_template(
    templates: Mapping[str, ConfigurationTemplate], kind: str, id_member: str, params: Mapping[str, object]
) -> ConfigurationTemplate:
    template = _require_template(templates, kind, str(params[id_member]))
    template.settings.update({k: v for k, v in params.items() if k not in (id_member, "arn")})
    return template


def _delete_template(templates: dict[str, ConfigurationTemplate], kind: str, template_id: str) -> OperationResult:
    del templates[_require_template(templates, kind, template_id).template_id]
    return {}


def _template_view(template: ConfigurationTemplate, id_member: str) -> dict[str, object]:
    known = {id_member: template.template_id, "arn": template.arn, "tags": dict(template.tags)}
    return {**template.settings, **known}
