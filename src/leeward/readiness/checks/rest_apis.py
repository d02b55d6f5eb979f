"""Would the API serve where users are sent? Its stage, custom domain, certificate, function and canary, by Region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import LeewardError, NotFound
from leeward.readiness.lookups.certificates import check_certificate
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown
from leeward.readiness.model.readiness_input import ReadinessInput, RegionalApi
from leeward.traffic.checks.http_checks import PageCheck, run_check

_DEPLOY = "deploy the application's stack of this Region again, or correct application.yaml"
_TIMEOUT_SECONDS = 5


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """What is in the Region that is left is looked at too, for users are to return to it; dark, it is unknown."""
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
    check, what = "api.stage", f"{api.apis[region]}/{api.stage} in {region}"
    try:
        with translate_errors("apigateway:GetStage"):
            found = clients.client("apigateway", region).get_stage(restApiId=api.apis[region], stageName=api.stage)
    except NotFound:
        return failed(check, what, "there is no such API, or no such stage of it", _DEPLOY)
    except LeewardError as error:
        return unknown(check, what, f"it could not be read ({error})", "see that this Region answers")
    deployment = found.get("deploymentId")
    if not deployment:
        return failed(check, what, "nothing is deployed to the stage", _DEPLOY)
    return ok(check, what, f"deployment {deployment}")


def _check_domain(api: RegionalApi, region: str, clients: CheckClients) -> Iterator[ReadinessFinding]:
    check, what = "api.domain", f"{api.domain} in {region}"
    client = clients.client("apigateway", region)
    try:
        with translate_errors("apigateway:GetDomainName"):
            found = client.get_domain_name(domainName=api.domain)
        with translate_errors("apigateway:GetBasePathMappings"):
            mapped = client.get_base_path_mappings(domainName=api.domain).get("items", [])
    except NotFound:
        yield failed(check, what, "the custom domain does not exist here: the name is answered by nobody", _DEPLOY)
        return
    except LeewardError as error:
        yield unknown(check, what, f"it could not be read ({error})", "see that this Region answers")
        return
    wrong = list(_domain_differences(api, region, found))
    if wrong:
        yield failed(check, what, "; ".join(wrong), _DEPLOY)
    else:
        yield ok(check, what, f"{found.get('regionalDomainName')} is AVAILABLE")
    leads = {(m.get("restApiId"), m.get("stage")) for m in mapped}
    if (api.apis[region], api.stage) in leads:
        yield ok("api.mapping", what, f"it leads to {api.apis[region]}/{api.stage}")
    else:
        told = ", ".join(f"{i}/{stage}" for i, stage in sorted(leads, key=str)) or "nothing"
        yield failed("api.mapping", what, f"it leads to {told}, not to {api.apis[region]}/{api.stage}", _DEPLOY)


def _domain_differences(api: RegionalApi, region: str, found: dict[str, Any]) -> Iterator[str]:
    status = found.get("domainNameStatus", "AVAILABLE")
    if status != "AVAILABLE":
        yield f"its status is {status}"
    name = found.get("regionalDomainName")
    if name != api.endpoints[region]:
        yield f"its own name is {name}, and the records answer {api.endpoints[region]}"
    if found.get("regionalCertificateArn") != api.certificates[region]:
        yield f"its certificate is {found.get('regionalCertificateArn')}"


def _check_function(api: RegionalApi, region: str, clients: CheckClients) -> Iterator[ReadinessFinding]:
    check, what = "api.function", f"{api.function} in {region}"
    client = clients.client("lambda", region)
    try:
        with translate_errors("lambda:GetFunctionConfiguration"):
            found = client.get_function_configuration(FunctionName=api.function)
        with translate_errors("lambda:GetFunctionConcurrency"):
            reserved = client.get_function_concurrency(FunctionName=api.function).get("ReservedConcurrentExecutions")
    except NotFound:
        yield failed(check, what, "there is no such function", _DEPLOY)
        return
    except LeewardError as error:
        yield unknown(check, what, f"it could not be read ({error})", "see that this Region answers")
        return
    state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
    if state not in ("Active", "Inactive") or update == "Failed":  # inactive: idle for long, and made ready when asked
        yield failed(check, what, f"its state is {state}, its last update {update}", _DEPLOY)
    else:
        yield ok(check, what, f"its state is {state}")
    if reserved == 0:
        fix = f"give it room: aws lambda delete-function-concurrency --function-name {api.function} --region {region}"
        yield failed("api.concurrency", what, "its reserved concurrency is 0: every request is refused", fix)
    else:
        yield ok("api.concurrency", what, f"reserved: {'none' if reserved is None else reserved}")


def _check_same_code(api: RegionalApi, inputs: ReadinessInput, clients: CheckClients) -> ReadinessFinding:
    check, both = "api.same_code", sorted({inputs.origin, inputs.region})
    code: dict[str, str] = {}
    for region in both:
        try:
            with translate_errors("lambda:GetFunctionConfiguration"):
                told = clients.client("lambda", region).get_function_configuration(FunctionName=api.function)
                code[region] = str(told["CodeSha256"])
        except LeewardError as error:
            return unknown(check, api.function, f"{region}: it could not be read ({error})", "see that it answers")
    if len(set(code.values())) > 1:
        return failed(check, api.function, f"the code differs between {' and '.join(both)}", _DEPLOY)
    return ok(check, api.function, "the same code in both Regions")


def _check_serves(api: RegionalApi, region: str) -> ReadinessFinding:
    """Asked as Route 53's health check asks: at the Region's own name, past the records that it is to steer."""
    check, what = "api.answers", f"{region}.{api.domain}"
    seen = run_check(PageCheck(url=f"https://{region}.{api.domain}{api.path}"), _TIMEOUT_SECONDS)
    fix = "see the API's access log; if an operator has taken the Region out of service, put it back in"
    return (
        ok(check, what, seen.description)
        if seen.passed
        else failed(check, what, f"{api.path}: {seen.description}", fix)
    )


def _check_canary(secret: str, region: str, clients: CheckClients) -> ReadinessFinding:
    """Described alone: what it holds is for the checks of a run."""
    check, what = "api.canary", f"{secret} in {region}"
    fix = "replicate the secret to this Region: without it no check of a run can sign in"
    try:
        with translate_errors("secretsmanager:DescribeSecret"):
            found = clients.client("secretsmanager", region).describe_secret(SecretId=secret)
    except NotFound:
        return failed(check, what, "there is no such secret", fix)
    except LeewardError as error:
        return unknown(check, what, f"it could not be read ({error})", "grant secretsmanager:DescribeSecret")
    if found.get("DeletedDate") is not None:
        return failed(check, what, f"it is to be deleted since {found['DeletedDate']:%Y-%m-%d}", fix)
    return ok(check, what, "it is there")
