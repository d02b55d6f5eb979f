"""The EC2 vCPU quota in Service Quotas, which moto doesn't provide. The default suits an account that can fail over."""

from __future__ import annotations

from typing import Any

from moto.servicequotas.models import ServiceQuotasBackend

from leeward.twin.patching.attribute_replacement import replace_attribute

# "Running On-Demand Standard instances", in vCPUs. A new account has 5. Failover needs a higher quota.
STANDARD_VCPUS = "L-1216C47A"
_vcpu_quotas: dict[tuple[str, str, str], float] = {}
_DEFAULT_VCPUS = 640.0


def add_vcpu_quota() -> None:
    """Return the EC2 vCPU quota from GetServiceQuota, which knows only VPC quotas in unpatched moto."""

    def get_service_quota(self: Any, service_code: str, quota_code: str) -> Any:
        if (service_code, quota_code) != ("ec2", STANDARD_VCPUS):
            return original(self, service_code, quota_code)
        value = _vcpu_quotas.get((self.account_id, self.region_name, quota_code), _DEFAULT_VCPUS)
        return {
            "ServiceCode": service_code,
            "QuotaCode": quota_code,
            "Value": value,
            "Unit": "None",
            "Adjustable": True,
        }

    original = replace_attribute(ServiceQuotasBackend, "get_service_quota", get_service_quota)


def set_vcpu_quota(account: str, region: str, value: float | None) -> None:
    """Set the vCPU quota of a Region. None restores the default."""
    key = (account, region, STANDARD_VCPUS)
    if value is None:
        _vcpu_quotas.pop(key, None)
    else:
        _vcpu_quotas[key] = value
