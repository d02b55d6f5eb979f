"""Check REST APIs in each Region: stage, custom domain, certificate, function, health path, and canary secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import LeewardError, NotFound
from leeward.readiness.lookups.certificates import check_certificate
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import ReadinessInput, RegionalApi
from leeward.traffic.checks.http_checks import PageCheck, run_check

_DEPLOY = "redeploy the application's stack in this Region, or correct application.yaml"
_TIMEOUT_SECONDS = 5


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check each API in both Regions.

    The origin Region is included because users return to it. If it is unavailable, its findings are `unknown`.
    """
    for api in inputs.apis:
        for region in sorted({inputs.origin, inputs.region}):
            yield from _check_region(api, region, clients)
        yield _check_same_code(api, inputs, clients)
        yield _check_serves(api, inputs.region)
        if api.canary is not None:
            yield _check_canary(api.canary, inputs.region, clients)


def _check_region(api: RegionalApi, region: str, clients: CheckClients) -> Iterator[ReadinessFinding]:
    yield _check_stage(api, region, clients)
    yield from _check_domain(api, region, clients)
    yield check_certificate("api.certificate", clients, region, api.certificates[region])
    yield from _check_function(api, region, clients)


def _check_stage(api: RegionalApi, region: str, clients: CheckClients) -> ReadinessFinding:
    check, subject = "api.stage", f"{api.apis[region]}/{api.stage} in {region}"
    try:
        with translate_errors("apigateway:GetStage"):
            stage = clients.client("apigateway", region).get_stage(restApiId=api.apis[region], stageName=api.stage)
    except NotFound:
        return failed(check, subject, "the API or its stage does not exist", _DEPLOY)
    except LeewardError as error:
        return unknown(check, subject, f"it can't be read ({error})", "check that this Region is available")
    deployment = stage.get("deploymentId")
    if not deployment:
        return failed(check, subject, "the stage has no deployment", _DEPLOY)
    return ok(check, subject, f"deployment {deployment}")


def _check_domain(api: RegionalApi, region: str, clients: CheckClients) -> Iterator[ReadinessFinding]:
    check, subject = "api.domain", f"{api.domain} in {region}"
    client = clients.client("apigateway", region)
    try:
        with translate_errors("apigateway:GetDomainName"):
            domain = client.get_domain_name(domainName=api.domain)
        with translate_errors("apigateway:GetBasePathMappings"):
            mappings = client.get_base_path_mappings(domainName=api.domain).get("items", [])
    except NotFound:
        yield failed(
            check,
            subject,
            "the custom domain does not exist, so the API can't serve users here",
            _DEPLOY,
        )
        return
    except LeewardError as error:
        yield unknown(check, subject, f"it can't be read ({error})", "check that this Region is available")
        return
    differences = list(_domain_differences(api, region, domain))
    if differences:
        yield failed(check, subject, "; ".join(differences), _DEPLOY)
    else:
        yield ok(check, subject, f"{domain.get('regionalDomainName')} is AVAILABLE")
    targets = {(mapping.get("restApiId"), mapping.get("stage")) for mapping in mappings}
    if (api.apis[region], api.stage) in targets:
        yield ok("api.mapping", subject, f"it maps to {api.apis[region]}/{api.stage}")
    else:
        actual = ", ".join(f"{api_id}/{stage}" for api_id, stage in sorted(targets, key=str)) or "nothing"
        yield failed("api.mapping", subject, f"it maps to {actual}, not to {api.apis[region]}/{api.stage}", _DEPLOY)


def _domain_differences(api: RegionalApi, region: str, domain: dict[str, Any]) -> Iterator[str]:
    status = domain.get("domainNameStatus", "AVAILABLE")
    if status != "AVAILABLE":
        yield f"its status is {status}"
    name = domain.get("regionalDomainName")
    if name != api.endpoints[region]:
        yield f"its Regional endpoint is {name}, but application.yaml has {api.endpoints[region]}"
    if domain.get("regionalCertificateArn") != api.certificates[region]:
        yield f"its certificate is {domain.get('regionalCertificateArn')}, not {api.certificates[region]}"


def _check_function(api: RegionalApi, region: str, clients: CheckClients) -> Iterator[ReadinessFinding]:
    check, subject = "api.function", f"{api.function} in {region}"
    client = clients.client("lambda", region)
    try:
        with translate_errors("lambda:GetFunctionConfiguration"):
            function = client.get_function_configuration(FunctionName=api.function)
        with translate_errors("lambda:GetFunctionConcurrency"):
            reserved = client.get_function_concurrency(FunctionName=api.function).get("ReservedConcurrentExecutions")
    except NotFound:
        yield failed(check, subject, "the function does not exist", _DEPLOY)
        return
    except LeewardError as error:
        yield unknown(check, subject, f"it can't be read ({error})", "check that this Region is available")
        return
    state, update = function.get("State", "Active"), function.get("LastUpdateStatus", "Successful")
    # Lambda makes an idle function Inactive, and activates it again on the next call.
    if state not in ("Active", "Inactive") or update == "Failed":
        yield failed(check, subject, f"its state is {state}, and its last update is {update}", _DEPLOY)
    else:
        yield ok(check, subject, f"its state is {state}")
    if reserved == 0:
        fix = (
            f"remove the limit: aws lambda delete-function-concurrency --function-name {api.function} --region {region}"
        )
        yield failed(
            "api.concurrency", subject, "its reserved concurrency is 0, so Lambda throttles every request", fix
        )
    else:
        yield ok("api.concurrency", subject, f"reserved concurrency: {'none' if reserved is None else reserved}")


def _check_same_code(api: RegionalApi, inputs: ReadinessInput, clients: CheckClients) -> ReadinessFinding:
    check, regions = "api.same_code", sorted({inputs.origin, inputs.region})
    code: dict[str, str] = {}
    for region in regions:
        try:
            with translate_errors("lambda:GetFunctionConfiguration"):
                function = clients.client("lambda", region).get_function_configuration(FunctionName=api.function)
                code[region] = str(function["CodeSha256"])
        except LeewardError as error:
            return unknown(
                check,
                api.function,
                f"{region}: the function can't be read ({error})",
                "check that this Region is available",
            )
    if len(set(code.values())) > 1:
        return failed(check, api.function, f"the code differs between {' and '.join(regions)}", _DEPLOY)
    return ok(check, api.function, "the same code in both Regions")


def _check_serves(api: RegionalApi, region: str) -> ReadinessFinding:
    """Request the health path as Route 53's health check does: at the Region's own name, not through the records."""
    check, subject = "api.answers", f"{region}.{api.domain}"
    result = run_check(PageCheck(url=f"https://{region}.{api.domain}{api.path}"), _TIMEOUT_SECONDS)
    fix = "check the API's access log; if an operator took the Region out of service, put it back in service"
    return (
        ok(check, subject, result.description)
        if result.passed
        else failed(check, subject, f"{api.path}: {result.description}", fix)
    )


def _check_canary(secret: str, region: str, clients: CheckClients) -> ReadinessFinding:
    """Check that the canary's secret exists, without reading its value."""
    check, subject = "api.canary", f"{secret} in {region}"
    fix = "replicate the secret to this Region: a run's checks need it to sign in"
    try:
        with translate_errors("secretsmanager:DescribeSecret"):
            description = clients.client("secretsmanager", region).describe_secret(SecretId=secret)
    except NotFound:
        return failed(check, subject, "the secret does not exist", fix)
    except LeewardError as error:
        return unknown(check, subject, f"it can't be read ({error})", "grant secretsmanager:DescribeSecret")
    if description.get("DeletedDate") is not None:
        return failed(check, subject, f"it is scheduled for deletion since {description['DeletedDate']:%Y-%m-%d}", fix)
    return ok(check, subject, "the secret exists")


CHECK = ReadinessCheck("api", check)
