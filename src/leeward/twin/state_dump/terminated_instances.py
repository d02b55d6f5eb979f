"""Removes what moto keeps of terminated EC2 instances: their records, tags, and network interfaces.

On AWS, a terminated instance remains visible for a while, usually an hour (Amazon EC2 User Guide, "Terminate Amazon EC2
instances"), and its primary network interface is deleted with it. moto keeps both for good.
"""

from __future__ import annotations

from leeward.twin.state_dump.state_document import ResourceKey, StateDocument


def without_terminated_instances(document: StateDocument) -> StateDocument:
    """Return the document without terminated instances and what belongs to them."""
    gone = {
        (key.region, key.id.rpartition("/")[2]): f"{key.kind} {key.id}"
        for key, fields in document.items()
        if (key.service, key.kind) == ("ec2", "instances") and _state_name(fields.get("_state")) == "terminated"
    }
    references = {(region, reference) for (region, _), reference in gone.items()}

    def belongs_to_gone(key: ResourceKey) -> bool:
        if key.service == "drs" and key.kind == "own_shared.disks":
            return any(instance in key.id and region in key.id for region, instance in gone)
        if key.service != "ec2":
            return False
        instance = document[key].get("instance")
        own_id = (key.region, key.id.rpartition("/")[2])
        return own_id in gone or (isinstance(instance, str) and (key.region, instance) in references)

    return {key: fields for key, fields in document.items() if not belongs_to_gone(key)}


def _state_name(state: object) -> object:
    return state.get("name") if isinstance(state, dict) else None
