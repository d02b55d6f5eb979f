"""The classic contract, and what is more than it: Regions, versions, tokens."""

from __future__ import annotations

from tests.ticketing.service import AWAY, HOME, Service
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


def test_a_classic_client_creates_and_lists(service: Service) -> None:
    made = service.post(ADA, **CLASSIC)
    assert made.status == 200, made.body
    for name in ("description", "assigned", "priority", "status", "createdBy"):
        assert made.body[name] == CLASSIC[name]
    assert made.body["id"]
    assert made.body["createdOn"]

    listed = service.ask("GET", "/ticket", person=ADA)
    assert listed.body == {"Items": [made.body], "Count": 1}
    assert service.ask("GET", "/health").body["message"] == "Successful response reading from DynamoDB table."


def test_a_ticket_tells_who_wrote_it_and_the_answer_who_answered(service: Service) -> None:
    made = service.post(ADA, AWAY, description="Hello")
    assert (made.body["region"], made.body["version"]) == (AWAY, 1)
    assert made.headers["X-Served-By-Region"] == AWAY


def test_the_creator_is_the_signed_in_user_whatever_the_body_says(service: Service) -> None:
    made = service.post(BEN, description="Hello", createdBy="ada@example.com")
    assert made.body["createdBy"] == "ben@example.com"
    assert service.ask("GET", "/ticket", person=ADA).body["Count"] == 0


def test_the_same_token_makes_one_ticket_also_in_the_other_region(service: Service) -> None:
    first = service.post(ADA, description="Once", clientToken="token-0001")
    again = service.post(ADA, description="Once", clientToken="token-0001")
    assert again.body == first.body
    assert again.headers["Idempotency-Replayed"] == "true"

    # Before replication: the other Region writes the very same item, and the table keeps one.
    elsewhere = service.post(ADA, AWAY, description="Once", clientToken="token-0001")
    assert elsewhere.body["id"] == first.body["id"]
    service.replicate(service.stored(AWAY)[0], to=HOME)
    assert service.ask("GET", "/ticket", person=ADA).body["Count"] == 1


def test_the_token_may_come_in_the_header(service: Service) -> None:
    key = {"Idempotency-Key": "token-0001"}
    first = service.ask("POST", "/ticket", body={"description": "Once"}, person=ADA, headers=key)
    again = service.ask("POST", "/ticket", body={"description": "Once"}, person=ADA, headers=key)
    assert (first.status, again.body) == (200, first.body)


def test_a_token_is_its_users_own(service: Service) -> None:
    first = service.post(ADA, description="Once", clientToken="token-0001")
    other = service.post(BEN, description="Once", clientToken="token-0001")
    assert other.status == 200
    assert other.body["id"] != first.body["id"]


def test_a_token_is_for_one_ticket(service: Service) -> None:
    service.post(ADA, description="Once", clientToken="token-0001")
    other = service.post(ADA, description="Something else", clientToken="token-0001")
    assert (other.status, other.body["type"]) == (409, "urn:ticketing:problem:token-reused")


def test_an_update_names_the_version_it_has_read(service: Service) -> None:
    made = service.post(ADA, description="Hello", priority="low").body
    changed = service.post(ADA, id=made["id"], version=1, status="closed")
    assert changed.status == 200
    assert changed.body == {**made, "status": "closed", "version": 2, "updatedOn": changed.body["updatedOn"]}
    assert service.ask("GET", f"/ticket/{made['id']}", person=ADA).body == {**changed.body, "lostWrites": []}


def test_a_client_may_post_back_what_it_has_read(service: Service) -> None:
    made = service.post(ADA, description="Hello").body
    assert service.post(ADA, **{**made, "assigned": "derek"}).body["assigned"] == "derek"


def test_to_json_one_is_also_written_with_a_point(service: Service) -> None:
    made = service.post(ADA, description="Hello").body
    assert service.post(ADA, id=made["id"], version=1.0, status="closed").status == 200


def test_a_lost_update_is_refused_and_told(service: Service) -> None:
    made = service.post(ADA, description="Hello").body
    service.post(ADA, id=made["id"], version=1, description="First")
    late = service.post(ADA, id=made["id"], version=1, description="Second")
    assert (late.status, late.kind) == (409, "application/problem+json")
    assert late.body["current"]["description"] == "First"
    assert service.ask("GET", f"/ticket/{made['id']}", person=ADA).body["description"] == "First"


def test_the_same_version_of_another_region_is_another_ticket(service: Service) -> None:
    made = service.post(ADA, description="Hello").body
    service.replicate(service.stored(HOME)[0], to=AWAY)
    service.post(ADA, HOME, id=made["id"], version=1, description="At home")
    read = service.post(ADA, AWAY, id=made["id"], version=1, description="Away").body
    service.replicate(service.stored(HOME)[0], to=AWAY)
    late = service.post(ADA, AWAY, id=made["id"], version=2, region=read["region"], description="Away again")
    assert late.status == 409


def test_agents_see_and_change_everyones_tickets(service: Service) -> None:
    made = service.post(ADA, description="Hello").body
    assert service.ask("GET", "/ticket", person=AGENT_CLEO).body["Items"] == [made]
    changed = service.post(AGENT_CLEO, id=made["id"], version=1, assigned="cleo")
    assert (changed.status, changed.body["createdBy"]) == (200, "ada@example.com")
    # And it stays the user's own.
    assert service.ask("GET", "/ticket", person=ADA).body["Items"] == [changed.body]


def test_pages_newest_first(service: Service) -> None:
    for number in range(5):
        service.post(ADA, description=f"Ticket {number}")
    service.post(BEN, description="Of Ben")
    seen: list[str] = []
    query = {"limit": "2"}
    for _ in range(3):
        page = service.ask("GET", "/ticket", person=ADA, query=query).body
        assert page["Count"] == len(page["Items"])
        seen += [item["createdOn"] for item in page["Items"]]
        query = {"limit": "2", "next": page.get("NextToken", "")}
    assert "NextToken" not in page
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


def test_a_page_of_another_user_cannot_be_asked_for(service: Service) -> None:
    for number in range(3):
        service.post(BEN, description=f"Ticket {number}")
    token = service.ask("GET", "/ticket", person=BEN, query={"limit": "1"}).body["NextToken"]
    stolen = service.ask("GET", "/ticket", person=ADA, query={"next": token})
    assert all(item["createdBy"] == "ada@example.com" for item in stolen.body.get("Items", []))
