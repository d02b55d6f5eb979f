"""The ticketing service's own stacks: the classic set-up in both Regions, and each variant of the DNS."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from leeward.infra.inputs.deployment_plan import DeploymentPlan, load_plan
from leeward.infra.synthesis import node_runtime
from leeward.infra.synthesis.template_cache import synthesize
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from tests.infra.cfn_lint import findings
from tests.infra.conftest import Template
from tests.infra.template_queries import all_texts, resources_of_type
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from workloads.ticketing import page_files
from workloads.ticketing import table_schema as shape

HOME, AWAY = "eu-west-1", "ap-southeast-1"
API, PAGE = "api.tickets.example.com", "tickets.example.com"
OWN = ("ticketing-service-eu-west-1", "ticketing-shared", "ticketing-dns", "ticketing-page")


@pytest.fixture
def stacks(ticketing: dict[str, Template]) -> dict[str, Template]:
    return ticketing


@pytest.fixture(params=[HOME, AWAY])
def service(request: pytest.FixtureRequest, stacks: dict[str, Template]) -> tuple[str, Template]:
    return request.param, stacks[f"ticketing-service-{request.param}"]


def single(template: Template, kind: str) -> Mapping[str, Any]:
    (found,) = resources_of_type(template, kind).values()
    return found


# What both Regions have


def test_table_is_global_with_pitr_and_stream(stacks: dict[str, Template]) -> None:
    table = single(stacks["ticketing-shared"], "AWS::DynamoDB::GlobalTable")
    assert table["TableName"] == shape.TABLE
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert {r["Region"] for r in table["Replicas"]} == {HOME, AWAY}
    for replica in table["Replicas"]:
        assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert replica["DeletionProtectionEnabled"] is True
        assert replica["SSESpecification"]["KMSMasterKeyId"].endswith(":alias/ticketing")


def test_table_matches_schema_of_tests_and_twin(stacks: dict[str, Template]) -> None:
    from moto import mock_aws

    from workloads.ticketing.api.service import ticket_store

    table = single(stacks["ticketing-shared"], "AWS::DynamoDB::GlobalTable")
    with mock_aws():
        client = ticket_store.dynamodb_client(HOME)
        shape.create_table(client)
        made = client.describe_table(TableName=shape.TABLE)["Table"]
    assert table["KeySchema"] == made["KeySchema"]
    indexes = {i["IndexName"]: (i["KeySchema"], i["Projection"]) for i in made["GlobalSecondaryIndexes"]}
    assert {i["IndexName"]: (i["KeySchema"], i["Projection"]) for i in table["GlobalSecondaryIndexes"]} == indexes


def test_canary_secret_is_replicated_and_not_in_template(stacks: dict[str, Template]) -> None:
    secret = single(stacks["ticketing-shared"], "AWS::SecretsManager::Secret")
    assert secret["ReplicaRegions"] == [{"Region": HOME}]
    assert "SecretString" not in secret


# What each Region has


def test_api_is_regional_throttled_and_logged(service: tuple[str, Template]) -> None:
    _, template = service
    api = single(template, "AWS::ApiGateway::RestApi")
    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert api["DisableExecuteApiEndpoint"] is True
    stage = single(template, "AWS::ApiGateway::Stage")
    assert stage["StageName"] == "prod"
    assert "AccessLogSetting" in stage
    settings = {s["ResourcePath"]: s for s in stage["MethodSettings"]}
    assert settings["/*"]["ThrottlingRateLimit"] == 200
    assert settings["/~1health~1shallow"]["ThrottlingRateLimit"] == 50
    # A body may hold what a user wrote.
    assert settings["/*"]["DataTraceEnabled"] is False


def test_all_openapi_paths_are_deployed(service: tuple[str, Template]) -> None:
    _, template = service
    document = json.loads((Path(page_files.__file__).parent / "api" / "openapi.json").read_text())
    resources = resources_of_type(template, "AWS::ApiGateway::Resource")

    def path(reference: Any) -> str:
        found = resources.get(reference.get("Ref", ""))
        return "" if found is None else f"{path(found['ParentId'])}/{found['PathPart']}"

    methods = resources_of_type(template, "AWS::ApiGateway::Method").values()
    deployed = {(path(m["ResourceId"]).replace("{id}", "{ticket_id}"), m["HttpMethod"].lower()) for m in methods}
    documented = {(place, method) for place, item in document["paths"].items() for method in item}
    assert documented == {one for one in deployed if one[1] != "options"}
    assert {place for place, _ in documented} == {place for place, method in deployed if method == "options"}


def test_gateway_errors_are_problem_documents_with_cors(service: tuple[str, Template]) -> None:
    _, template = service
    for answer in nonempty(resources_of_type(template, "AWS::ApiGateway::GatewayResponse").values()):
        filled = answer["ResponseTemplates"]["application/json"].replace("$context.status", "429")
        filled = filled.replace("$context.error.message", "text")
        assert json.loads(filled)["status"] == 429
        origin = answer["ResponseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"]
        assert origin == f"'https://{PAGE}'"


def test_regions_serve_shared_and_own_domain(service: tuple[str, Template]) -> None:
    region, template = service
    names = {d["DomainName"] for d in resources_of_type(template, "AWS::ApiGateway::DomainName").values()}
    assert names == {API, f"{region}.{API}"}
    assert len(resources_of_type(template, "AWS::ApiGateway::BasePathMapping")) == 2
    assert all("BasePath" not in m for m in resources_of_type(template, "AWS::ApiGateway::BasePathMapping").values())
    certificate = single(template, "AWS::CertificateManager::Certificate")
    assert (certificate["DomainName"], certificate["SubjectAlternativeNames"]) == (API, [f"{region}.{API}"])
    assert certificate["ValidationMethod"] == "DNS"
    assert all(v["HostedZoneId"] == "Z0TICKETS1EXAMPLE" for v in nonempty(certificate["DomainValidationOptions"]))


def test_functions_know_own_and_other_region(service: tuple[str, Template]) -> None:
    region, template = service
    functions = {f["FunctionName"]: f for f in resources_of_type(template, "AWS::Lambda::Function").values()}
    assert set(functions) == {"ticketing-api", "ticketing-heartbeat", "ticketing-conflicts"}
    for function in functions.values():
        output = function["Environment"]["Variables"]
        assert output["TABLE_NAME"] == shape.TABLE
        assert output["PEER_REGION"] == ({HOME, AWAY} - {region}).pop()
        assert output["IDENTITY"] == {"Ref": "Identity"}


def test_roles_are_limited_to_region_and_table(service: tuple[str, Template]) -> None:
    region, template = service
    other = ({HOME, AWAY} - {region}).pop()
    for role in nonempty(resources_of_type(template, "AWS::IAM::Role").values()):
        for statement in (s for p in role.get("Policies", []) for s in p["PolicyDocument"]["Statement"]):
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not any("*" in action or "Delete" in action or "Scan" in action for action in actions)
            assert not any(other in text for text in all_texts(statement))


def test_stream_and_schedule_invoke_functions(service: tuple[str, Template]) -> None:
    _, template = service
    source = single(template, "AWS::Lambda::EventSourceMapping")
    assert source["EventSourceArn"] == {"Ref": "Stream"}
    assert source["BisectBatchOnFunctionError"] is True
    assert source["FilterCriteria"] == {"Filters": [{"Pattern": shape.STREAM_FILTER}]}
    assert single(template, "AWS::Events::Rule")["ScheduleExpression"] == "rate(1 minute)"


def test_sign_in_is_facebook_only_without_sign_up(service: tuple[str, Template]) -> None:
    _, template = service
    assert single(template, "AWS::Cognito::UserPool")["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    facebook = single(template, "AWS::Cognito::UserPoolIdentityProvider")
    assert facebook["ProviderType"] == "Facebook"
    assert facebook["ProviderDetails"]["client_id"] == "000000000000000"
    assert facebook["ProviderDetails"]["client_secret"].startswith("{{resolve:secretsmanager:ticketing/facebook-app-s")
    clients = {c["ClientName"]: c for c in resources_of_type(template, "AWS::Cognito::UserPoolClient").values()}
    assert clients["page"]["AllowedOAuthFlows"] == ["code"]
    assert clients["page"]["CallbackURLs"] == [f"https://{PAGE}/"]
    assert clients["page"]["SupportedIdentityProviders"] == ["Facebook"]
    assert single(template, "AWS::Cognito::UserPoolGroup")["GroupName"] == "agents"


def test_bucket_is_private_and_readable_by_cloudfront(service: tuple[str, Template]) -> None:
    _, template = service
    bucket = single(template, "AWS::S3::Bucket")
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    statements = single(template, "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    allowed = [s for s in statements if s["Effect"] == "Allow"]
    assert [s["Principal"] for s in allowed] == [{"Service": "cloudfront.amazonaws.com"}]


def test_alarms_are_in_region_of_their_metrics(service: tuple[str, Template]) -> None:
    region, template = service
    alarms = {a["AlarmName"]: a for a in resources_of_type(template, "AWS::CloudWatch::Alarm").values()}
    assert set(alarms) == {"ticketing-5xx", "ticketing-lost-writes", "ticketing-replication-lag"}
    receiving = {d["Name"]: d["Value"] for d in alarms["ticketing-replication-lag"]["Dimensions"]}["ReceivingRegion"]
    assert receiving != region
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == [f"arn:aws:sns:{region}:111122223333:leeward-ticketing"]


def test_health_check_errors_do_not_count_as_user_errors(service: tuple[str, Template]) -> None:
    """A Region that is out of service on purpose answers them 503, for as long as it is."""
    _, template = service
    alarm = next(
        a for a in resources_of_type(template, "AWS::CloudWatch::Alarm").values() if a["AlarmName"] == "ticketing-5xx"
    )
    queries = {query["Id"]: query for query in alarm["Metrics"]}
    assert [name for name, query in queries.items() if query["ReturnData"]] == ["share"]
    for name in ("probes", "refused"):
        metric = queries[name]["MetricStat"]["Metric"]
        output = {d["Name"]: d["Value"] for d in metric["Dimensions"]}
        assert output == {"ApiName": "ticketing", "Stage": "prod", "Resource": "/health/shallow", "Method": "GET"}
        assert f"- FILL({name}, 0)" in queries["share"]["Expression"]
    # Figures by resource and method are there only where the stage asks for them.
    settings = {s["ResourcePath"]: s for s in single(template, "AWS::ApiGateway::Stage")["MethodSettings"]}
    assert settings["/~1health~1shallow"]["MetricsEnabled"] is True


# What leads users to them


def test_cloudfront_serves_both_buckets_with_local_headers(stacks: dict[str, Template]) -> None:
    template = stacks["ticketing-page"]
    distribution = single(template, "AWS::CloudFront::Distribution")["DistributionConfig"]
    assert len(distribution["Origins"]) == 2
    assert all("OriginAccessControlId" in origin for origin in distribution["Origins"])
    assert distribution["OriginGroups"]["Quantity"] == 1
    policy = single(template, "AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]
    output = policy["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    sign_in = [f"https://ticketing-111122223333-{r}.auth.{r}.amazoncognito.com" for r in (HOME, AWAY)]
    assert output == page_files.build_security_policy(
        [f"https://{API}", *(f"https://{r}.{API}" for r in (HOME, AWAY)), *sign_in]
    )


def test_health_checks_use_regional_names_and_notify(stacks: dict[str, Template]) -> None:
    template = stacks["ticketing-dns"]
    checks = [c["HealthCheckConfig"] for c in resources_of_type(template, "AWS::Route53::HealthCheck").values()]
    assert {c["FullyQualifiedDomainName"] for c in checks} == {f"{HOME}.{API}", f"{AWAY}.{API}"}
    for check in checks:
        assert (check["ResourcePath"], check["RequestInterval"], check["FailureThreshold"]) == (
            "/health/shallow",
            10,
            3,
        )
    alarms = resources_of_type(template, "AWS::CloudWatch::Alarm").values()
    assert len(alarms) == 2
    assert all(a["MetricName"] == "HealthCheckStatus" and a["AlarmActions"] for a in alarms)


@pytest.fixture(scope="module")
def by_variant() -> dict[str, Template]:
    """The DNS stack of every variant, that of `failover` with readiness checks, made in this process."""
    node_runtime.use_node()
    from aws_cdk import App
    from aws_cdk.assertions import Template as Made

    from workloads.ticketing.infra.configuration.resource_names import TicketingNames
    from workloads.ticketing.infra.stacks.dns_stack import DnsStack

    documents = load_plan("ticketing", "example")
    assert documents.application.routing is not None
    wanted: dict[str, tuple[str, dict[str, str]]] = {
        name: (name, {}) for name in documents.application.routing.variants
    }
    wanted["readiness"] = wanted.pop("failover")[0], {"readiness": "true"}
    return {
        name: Made.from_stack(
            DnsStack(App(context=context), TicketingNames.from_plan(with_variant(documents, variant)))
        ).to_json()
        for name, (variant, context) in wanted.items()
    }


def with_variant(documents: DeploymentPlan, variant: str) -> DeploymentPlan:
    application = documents.application
    routing = application.routing.model_copy(update={"use": variant})  # type: ignore[union-attr]
    return DeploymentPlan(
        application.model_copy(update={"routing": routing}), documents.runbooks, documents.environment
    )


VARIANTS = {
    "readiness": {"Failover": {"PRIMARY", "SECONDARY"}},
    "latency": {"Region": {HOME, AWAY}},
    "weighted": {"Weight": {100, 0}},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_have_one_health_checked_record_per_region(by_variant: dict[str, Template], variant: str) -> None:
    template = by_variant[variant]
    sets = single(template, "AWS::Route53::RecordSetGroup")["RecordSets"]
    assert [s["Name"] for s in sets] == [API, API]
    assert len({s["SetIdentifier"] for s in sets}) == 2
    for key, values in nonempty(VARIANTS[variant].items()):
        assert {s[key] for s in sets} == values
    checks = template["Resources"]
    for record in sets:
        assert checks[record["HealthCheckId"]["Fn::GetAtt"][0]]["Type"] == "AWS::Route53::HealthCheck"
        assert record["TTL"] == "30"


def test_routing_control_records_are_in_routing_stack(by_variant: dict[str, Template]) -> None:
    """`leeward-ticketing-routing`: its records follow the control and this health check, both."""
    template = by_variant["routing-control"]
    assert resources_of_type(template, "AWS::Route53::RecordSetGroup") == {}
    assert len(resources_of_type(template, "AWS::Route53::HealthCheck")) == 2


def test_records_follow_control_and_endpoint_health(by_variant: dict[str, Template]) -> None:
    from aws_cdk import App
    from aws_cdk.assertions import Template as Made

    from leeward.infra.stacks.routing_stack import RoutingStack, find_routing_controls

    chosen = with_variant(load_plan("ticketing", "example"), "routing-control")
    component, controls = find_routing_controls(chosen) or pytest.fail("no routing controls")
    stack = RoutingStack(App(), "routing", plan=chosen, component=component, controls=controls)
    template = Made.from_stack(stack).to_json()
    kinds = Counter(resource["Type"].rsplit("::", 1)[1] for resource in template["Resources"].values())
    assert (kinds["Cluster"], kinds["ControlPanel"], kinds["RoutingControl"], kinds["SafetyRule"]) == (1, 1, 2, 1)
    asked = chosen.application.component("api", RestApiComponent).health.ids
    for record in nonempty(resources_of_type(template, "AWS::Route53::RecordSet").values()):
        both = template["Resources"][record["HealthCheckId"]["Fn::GetAtt"][0]]["Properties"]["HealthCheckConfig"]
        switch, own = both["ChildHealthChecks"]
        assert (both["Type"], both["HealthThreshold"], own) == ("CALCULATED", 2, asked[record["SetIdentifier"]])
        switched = template["Resources"][switch["Fn::GetAtt"][0]]["Properties"]["HealthCheckConfig"]
        assert switched["Type"] == "RECOVERY_CONTROL"


def test_readiness_checks_are_opt_in(by_variant: dict[str, Template]) -> None:
    def kinds(template: Template) -> set[str]:
        return {r["Type"].rsplit("::", 1)[1] for r in template["Resources"].values() if "Readiness" in r["Type"]}

    assert all(kinds(template) == set() for name, template in nonempty(by_variant.items()) if name != "readiness")
    assert kinds(by_variant["readiness"]) == {"Cell", "ReadinessCheck", "RecoveryGroup", "ResourceSet"}
    sets = resources_of_type(by_variant["readiness"], "AWS::Route53RecoveryReadiness::ResourceSet").values()
    named = {s["ResourceSetType"]: [r["ResourceArn"].split(":")[3] for r in s["Resources"]] for s in sets}
    assert named == {"AWS::DynamoDB::Table": [HOME, AWAY], "AWS::ApiGateway::Stage": [HOME, AWAY]}
    checks = resources_of_type(by_variant["readiness"], "AWS::Route53RecoveryReadiness::ReadinessCheck").values()
    assert {check["ResourceSetName"] for check in checks} == {s["ResourceSetName"] for s in sets}


# What AWS's own checks say


@pytest.mark.verify("`make check` runs cfn-lint on the same templates")
def test_templates_pass_cfn_lint_in_their_regions(by_variant: dict[str, Template], tmp_path: Path) -> None:
    """In the Regions that they stand in: not each has every type. One of the two service stacks, which are alike."""
    readiness = tmp_path / "readiness.json"
    readiness.write_text(json.dumps(by_variant["readiness"]))
    made = synthesize("ticketing", "example")
    assert findings([made / "ticketing-service-eu-west-1.template.json"], [HOME, AWAY]) == []
    assert findings([made / "ticketing-shared.template.json"], [AWAY]) == []
    assert findings([readiness]) == []  # the global services' stacks stand in us-east-1, as cfn-lint supposes


def test_templates_have_no_secret_or_other_account(stacks: dict[str, Template]) -> None:
    for name in OWN:
        for text in all_texts(stacks[name]):
            for part in text.replace("/", ":").split(":"):
                assert not (part.isdigit() and len(part) == 12) or part == "111122223333", text


def test_retained_resources_are_in_cleanup_list(stacks: dict[str, Template]) -> None:
    output = (REPOSITORY / "docs" / "ticketing.md").read_text().split("## Remove it")[1]
    kept = {
        resource["Type"]
        for name, template in stacks.items()
        if name.startswith("ticketing-")
        for resource in template["Resources"].values()
        if resource.get("DeletionPolicy") == "Retain"
    }
    assert kept == {line.split("`")[1] for line in output.splitlines() if line.startswith("| `AWS::")}


def test_example_page_configuration_satisfies_csp(stacks: dict[str, Template]) -> None:
    config = json.loads((REPOSITORY / "workloads" / "ticketing" / "config.example.json").read_text())
    policy = single(stacks["ticketing-page"], "AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]
    allowed = policy["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    connect = next(part for part in allowed.split("; ") if part.startswith("connect-src")).split()
    asked = [config["api"], *(r["health"] for r in config["regions"]), *(i["token"] for i in config["identity"])]
    assert {"/".join(url.split("/")[:3]) for url in asked} == set(connect) - {"connect-src", "'self'"}
    domains = {
        d["Domain"] for name in stacks for d in resources_of_type(stacks[name], "AWS::Cognito::UserPoolDomain").values()
    }
    assert {i["authorize"].split("/")[2].split(".")[0] for i in config["identity"]} == domains


def test_resource_table_names_existing_files_and_every_module() -> None:
    page = (REPOSITORY / "docs" / "ticketing.md").read_text()
    rows = page.split("| resource | module | test |\n")[1].split("\n\n")[0].splitlines()[1:]
    own = REPOSITORY / "workloads" / "ticketing" / "infra"
    assert rows
    documented = set()
    for row in rows:
        _, _, modules, tests, _ = row.split("|")
        named, tested = (re.findall(r"`([\w./-]+\.(?:py|yaml))`", cell) for cell in (modules, tests))
        assert named, row
        assert tested, row
        for name in named:
            assert any((base / name).exists() for base in (own, REPOSITORY / "infra")), name
        for name in tested:
            assert (REPOSITORY / "tests" / name).exists(), name
        documented |= set(named)
    folders = [own / "constructs", own / "stacks"]
    modules_on_disk = {path.relative_to(own).as_posix() for each in folders for path in each.glob("[a-z]*.py")}
    assert modules_on_disk
    assert modules_on_disk <= documented


def test_no_stack_imports_a_value_of_another_stack(stacks: dict[str, Template]) -> None:
    """Values pass through documents and parameters, so that a Region's stack can be deployed without the other's."""
    for name in nonempty([name for name in stacks if name.startswith("ticketing-")]):
        assert "Fn::ImportValue" not in json.dumps(stacks[name]), name
        assert "Fn::GetStackOutput" not in json.dumps(stacks[name]), name
