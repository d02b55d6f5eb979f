"""The classic contract, and what is more than it: Regions, versions, tokens."""

from __future__ import annotations

import pytest

from tests.ticketing.two_region_service import HOME_REGION, OTHER_REGION, TicketingService
from workloads.ticketing.simulated_identity.user_pool import ADA, AGENT_CLEO, BEN

# What the classic page posts: an id of 0, and empty read-only fields.
CLASSIC = {
    "id": 0,
    "description": "My unicorn is late",
    "assigned": "juan",
    "priority": "high",
    "status": "open",
    "createdBy": "ada@example.com",
    "createdOn": "",
}


def test_classic_client_creates_and_lists_tickets(service: TicketingService) -> None:
    made = service.post(ADA, **CLASSIC)
    assert made.status == 200, made.body
    for name in ("description", "assigned", "priority", "status", "createdBy"):
        assert made.body[name] == CLASSIC[name]
    assert made.body["id"]
    assert made.body["createdOn"]

    listed = service.request("GET", "/ticket", person=ADA)
    assert listed.body == {"Items": [made.body], "Count": 1}
    assert service.request("GET", "/health").body["message"] == "Successful response reading from DynamoDB table."


@pytest.mark.parametrize("given", [{}, {"id": 0}, {"id": ""}, {"id": None}], ids=str)
def test_post_without_an_id_creates_a_ticket(service: TicketingService, given: dict[str, object]) -> None:
    first, second = (service.post(ADA, description="Hello", **given) for _ in range(2))
    assert (first.status, second.status) == (200, 200)
    assert first.body["id"] != second.body["id"]


def test_ticket_has_writer_region_and_response_has_server_region(service: TicketingService) -> None:
    made = service.post(ADA, OTHER_REGION, description="Hello")
    assert (made.body["region"], made.body["version"]) == (OTHER_REGION, 1)
    assert made.headers["X-Served-By-Region"] == OTHER_REGION


def test_creator_is_always_signed_in_user(service: TicketingService) -> None:
    made = service.post(BEN, description="Hello", createdBy="ada@example.com")
    assert made.body["createdBy"] == "ben@example.com"
    assert service.request("GET", "/ticket", person=ADA).body["Count"] == 0


def test_idempotency_token_creates_one_ticket_across_regions(service: TicketingService) -> None:
    first = service.post(ADA, description="Once", clientToken="token-0001")
    again = service.post(ADA, description="Once", clientToken="token-0001")
    assert again.body == first.body
    assert again.headers["Idempotency-Replayed"] == "true"

    # Before replication: the other Region writes the very same item, and the table keeps one.
    elsewhere = service.post(ADA, OTHER_REGION, description="Once", clientToken="token-0001")
    assert elsewhere.body["id"] == first.body["id"]
    service.replicate(service.items(OTHER_REGION)[0], to=HOME_REGION)
    assert service.request("GET", "/ticket", person=ADA).body["Count"] == 1


def test_idempotency_token_in_header_is_accepted(service: TicketingService) -> None:
    key = {"Idempotency-Key": "token-0001"}
    first = service.request("POST", "/ticket", body={"description": "Once"}, person=ADA, headers=key)
    again = service.request("POST", "/ticket", body={"description": "Once"}, person=ADA, headers=key)
    assert (first.status, again.body) == (200, first.body)


def test_idempotency_token_is_per_user(service: TicketingService) -> None:
    first = service.post(ADA, description="Once", clientToken="token-0001")
    other = service.post(BEN, description="Once", clientToken="token-0001")
    assert other.status == 200
    assert other.body["id"] != first.body["id"]


def test_idempotency_token_with_other_body_is_rejected(service: TicketingService) -> None:
    service.post(ADA, description="Once", clientToken="token-0001")
    other = service.post(ADA, description="Something else", clientToken="token-0001")
    assert (other.status, other.body["type"]) == (409, "urn:ticketing:problem:token-reused")


def test_update_requires_current_version(service: TicketingService) -> None:
    made = service.post(ADA, description="Hello", priority="low").body
    changed = service.post(ADA, id=made["id"], version=1, status="closed")
    assert changed.status == 200
    assert changed.body == {**made, "status": "closed", "version": 2, "updatedOn": changed.body["updatedOn"]}
    assert service.request("GET", f"/ticket/{made['id']}", person=ADA).body == {**changed.body, "lostWrites": []}


def test_posting_read_ticket_updates_it(service: TicketingService) -> None:
    made = service.post(ADA, description="Hello").body
    assert service.post(ADA, **{**made, "assigned": "derek"}).body["assigned"] == "derek"


def test_version_1_0_equals_1(service: TicketingService) -> None:
    made = service.post(ADA, description="Hello").body
    assert service.post(ADA, id=made["id"], version=1.0, status="closed").status == 200


def test_outdated_update_is_rejected_with_current_ticket(service: TicketingService) -> None:
    made = service.post(ADA, description="Hello").body
    service.post(ADA, id=made["id"], version=1, description="First")
    late = service.post(ADA, id=made["id"], version=1, description="Second")
    assert (late.status, late.kind) == (409, "application/problem+json")
    assert late.body["current"]["description"] == "First"
    assert service.request("GET", f"/ticket/{made['id']}", person=ADA).body["description"] == "First"


def test_same_version_from_other_region_is_outdated(service: TicketingService) -> None:
    made = service.post(ADA, description="Hello").body
    service.replicate(service.items(HOME_REGION)[0], to=OTHER_REGION)
    service.post(ADA, HOME_REGION, id=made["id"], version=1, description="At home")
    read = service.post(ADA, OTHER_REGION, id=made["id"], version=1, description="Away").body
    service.replicate(service.items(HOME_REGION)[0], to=OTHER_REGION)
    late = service.post(ADA, OTHER_REGION, id=made["id"], version=2, region=read["region"], description="Away again")
    assert late.status == 409


def test_agents_read_and_change_all_tickets(service: TicketingService) -> None:
    made = service.post(ADA, description="Hello").body
    assert service.request("GET", "/ticket", person=AGENT_CLEO).body["Items"] == [made]
    changed = service.post(AGENT_CLEO, id=made["id"], version=1, assigned="cleo")
    assert (changed.status, changed.body["createdBy"]) == (200, "ada@example.com")
    # And it stays the user's own.
    assert service.request("GET", "/ticket", person=ADA).body["Items"] == [changed.body]


def test_pages_are_newest_first(service: TicketingService) -> None:
    for number in range(5):
        service.post(ADA, description=f"Ticket {number}")
    service.post(BEN, description="Of Ben")
    seen: list[str] = []
    query = {"limit": "2"}
    for _ in range(3):
        page = service.request("GET", "/ticket", person=ADA, query=query).body
        assert page["Count"] == len(page["Items"])
        seen += [item["createdOn"] for item in page["Items"]]
        query = {"limit": "2", "next": page.get("NextToken", "")}
    assert "NextToken" not in page
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


def test_page_token_of_another_user_lists_only_own_tickets(service: TicketingService) -> None:
    service.post(ADA, description="Of Ada")
    for number in range(3):
        service.post(BEN, description=f"Ticket {number}")
    token = service.request("GET", "/ticket", person=BEN, query={"limit": "1"}).body["NextToken"]
    stolen = service.request("GET", "/ticket", person=ADA, query={"next": token})
    assert [item["createdBy"] for item in stolen.body["Items"]] == ["ada@example.com"]
