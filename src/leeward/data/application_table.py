"""The application's global table: its name and key, and the keys of the items that Leeward stores in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# The keys of Leeward's items begin with this prefix. The application's keys must not.
OWN_KEY_PREFIX = "#"
# The sort key of Leeward's items, if the table has a sort key.
_OWN_SORT_KEY = "#"

TextItem = dict[str, str]


class ApplicationTable(BaseModel):
    """A global table: its name, which is the same in every Region, and its key attributes, which are strings."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    name: str
    partition: str
    sort: str | None = None

    def key(self, text: str) -> TextItem:
        """Return the full key of one of Leeward's items."""
        return {self.partition: text} | ({self.sort: _OWN_SORT_KEY} if self.sort else {})


def pack_texts(texts: TextItem) -> dict[str, AttributeValueTypeDef]:
    """Convert texts to DynamoDB attributes."""
    return {name: {"S": text} for name, text in texts.items()}


def unpack_texts(item: dict[str, AttributeValueTypeDef]) -> TextItem:
    """Return the string attributes of an item."""
    return {name: value["S"] for name, value in item.items() if "S" in value}
