"""Would the API serve where users are sent? Its stage, custom domain, certificate, function and canary, by Region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leeward.common.aws import naming_errors
from leeward.common.errors import LeewardError, NotFound
from leeward.readiness.certificates import certificate
from leeward.readiness.findings import Finding, failed, ok, unknown
from leeward.readiness.reach import Reach
from leeward.readiness.subject import RestApi, Subject
from leeward.traffic.http_checks import Check, request

_DEPLOY = "deploy the application's stack of this Region again, or correct application.yaml"
_PATIENCE_SECONDS = 5


def look(subject: Subject, reach: Reach) -> Iterator[Finding]:
    """What is in the Region that is left is looked at too, for users are to return to it; dark, it is unknown."""
    for api in subject.apis:
        for region in sorted({subject.origin, subject.region}):
            yield from _region(api, region, reach)
        yield _same_code(api, subject, reach)
        yield _serves(api, subject.region)
        if api.canary is not None:
            yield _canary(api.canary, subject.region, reach)


def _region(api: RestApi, region: str, reach: Reach) -> Iterator[Finding]:
    yield _stage(api, region, reach)
    yield from _domain(api, region, reach)
    yield certificate("api.certificate", reach, region, api.certificates[region])
    yield from _function(api, region, reach)


def _stage(api: RestApi, region: str, reach: Reach) -> Finding:
    check, what = "api.stage", f"{api.apis[region]}/{api.stage} in {region}"
    try:
        with naming_errors("apigateway:GetStage"):
            found = reach.of("apigateway", region).get_stage(restApiId=api.apis[region], stageName=api.stage)
    except NotFound:
        return failed(check, what, "there is no such API, or no such stage of it", _DEPLOY)
    except LeewardError as error:
        return unknown(check, what, f"it could not be read ({error})", "see that this Region answers")
    deployment = found.get("deploymentId")
    if not deployment:
        return failed(check, what, "nothing is deployed to the stage", _DEPLOY)
    return ok(check, what, f"deployment {deployment}")


def _domain(api: RestApi, region: str, reach: Reach) -> Iterator[Finding]:
    check, what = "api.domain", f"{api.domain} in {region}"
    client = reach.of("apigateway", region)
    try:
        with naming_errors("apigateway:GetDomainName"):
            found = client.get_domain_name(domainName=api.domain)
        with naming_errors("apigateway:GetBasePathMappings"):
            mapped = client.get_base_path_mappings(domainName=api.domain).get("items", [])
    except NotFound:
        yield failed(check, what, "the custom domain does not exist here: the name is answered by nobody", _DEPLOY)
        return
    except LeewardError as error:
        yield unknown(check, what, f"it could not be read ({error})", "see that this Region answers")
        return
    wrong = list(_differences(api, region, found))
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


def _differences(api: RestApi, region: str, found: dict[str, Any]) -> Iterator[str]:
    status = found.get("domainNameStatus", "AVAILABLE")
    if status != "AVAILABLE":
        yield f"its status is {status}"
    name = found.get("regionalDomainName")
    if name != api.endpoints[region]:
        yield f"its own name is {name}, and the records answer {api.endpoints[region]}"
    if found.get("regionalCertificateArn") != api.certificates[region]:
        yield f"its certificate is {found.get('regionalCertificateArn')}"


def _function(api: RestApi, region: str, reach: Reach) -> Iterator[Finding]:
    check, what = "api.function", f"{api.function} in {region}"
    client = reach.of("lambda", region)
    try:
        with naming_errors("lambda:GetFunctionConfiguration"):
            found = client.get_function_configuration(FunctionName=api.function)
        with naming_errors("lambda:GetFunctionConcurrency"):
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


def _same_code(api: RestApi, subject: Subject, reach: Reach) -> Finding:
    check, both = "api.same_code", sorted({subject.origin, subject.region})
    code: dict[str, str] = {}
    for region in both:
        try:
            with naming_errors("lambda:GetFunctionConfiguration"):
                told = reach.of("lambda", region).get_function_configuration(FunctionName=api.function)
                code[region] = str(told["CodeSha256"])
        except LeewardError as error:
            return unknown(check, api.function, f"{region}: it could not be read ({error})", "see that it answers")
    if len(set(code.values())) > 1:
        return failed(check, api.function, f"the code differs between {' and '.join(both)}", _DEPLOY)
    return ok(check, api.function, "the same code in both Regions")


def _serves(api: RestApi, region: str) -> Finding:
    """Asked as Route 53's health check asks: at the Region's own name, past the records that it is to steer."""
    check, what = "api.answers", f"{region}.{api.domain}"
    seen = request(Check(url=f"https://{region}.{api.domain}{api.path}"), _PATIENCE_SECONDS)
    fix = "see the API's access log; if an operator has taken the Region out of service, put it back in"
    return ok(check, what, seen.told) if seen.passed else failed(check, what, f"{api.path}: {seen.told}", fix)


def _canary(secret: str, region: str, reach: Reach) -> Finding:
    """Described alone: what it holds is for the checks of a run."""
    check, what = "api.canary", f"{secret} in {region}"
    fix = "replicate the secret to this Region: without it no check of a run can sign in"
    try:
        with naming_errors("secretsmanager:DescribeSecret"):
            found = reach.of("secretsmanager", region).describe_secret(SecretId=secret)
    except NotFound:
        return failed(check, what, "there is no such secret", fix)
    except LeewardError as error:
        return unknown(check, what, f"it could not be read ({error})", "grant secretsmanager:DescribeSecret")
    if found.get("DeletedDate") is not None:
        return failed(check, what, f"it is to be deleted since {found['DeletedDate']:%Y-%m-%d}", fix)
    return ok(check, what, "it is there")
