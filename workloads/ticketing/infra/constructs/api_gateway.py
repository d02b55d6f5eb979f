"""The REST API of a Region: Regional, throttled, and logged. API Gateway's own errors are problem documents too."""

from __future__ import annotations

import json

from aws_cdk import Acknowledgment, RemovalPolicy, Validations
from aws_cdk import aws_apigateway as gateway
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from leeward.infra.constructs.task_functions import to_retention_days
from workloads.ticketing.infra.configuration.resource_names import TicketingNames

# Ten times the expected requests of users, and of Route 53's health checkers (about two per second in total).
_REQUEST_RATE, _REQUEST_BURST = 200, 400
_HEALTH_CHECK_RATE, _HEALTH_CHECK_BURST = 50, 100
# Errors that API Gateway returns without calling the function.
_GATEWAY_RESPONSES = {
    "DEFAULT_4_XX": "The request was rejected",
    "DEFAULT_5_XX": "Try again in a moment",
    "THROTTLED": "Too many requests",
}
_METHODS = {
    "ticket": ("GET", "POST", "OPTIONS"),
    "ticket/{id}": ("GET", "OPTIONS"),
    "health": ("GET", "OPTIONS"),
    "health/shallow": ("GET", "OPTIONS"),
}


class TicketingGateway(Construct):
    """The API in front of one function."""

    def __init__(
        self, scope: Construct, name: str, *, names: TicketingNames, function: lambda_.IFunction, key: kms.IKey
    ) -> None:
        super().__init__(scope, name)
        self._names = names
        log = logs.LogGroup(
            self,
            "log",
            log_group_name="/aws/apigateway/ticketing",
            encryption_key=key,
            retention=to_retention_days(names.plan.environment.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.api = gateway.RestApi(
            self,
            "api",
            rest_api_name=names.api.name,
            description="Customer tickets, the same API in both Regions",
            endpoint_types=[gateway.EndpointType.REGIONAL],
            # The API is available only through its domains. Clients of the default endpoint would bypass DNS routing.
            disable_execute_api_endpoint=True,
            # API Gateway writes logs with a role of the account in the Region, which a new account lacks.
            cloud_watch_role=True,
            cloud_watch_role_removal_policy=RemovalPolicy.RETAIN,
            deploy_options=gateway.StageOptions(
                stage_name=names.api.stage,
                throttling_rate_limit=_REQUEST_RATE,
                throttling_burst_limit=_REQUEST_BURST,
                metrics_enabled=True,
                logging_level=gateway.MethodLoggingLevel.ERROR,
                data_trace_enabled=False,
                tracing_enabled=True,
                access_log_destination=gateway.LogGroupLogDestination(log),
                access_log_format=gateway.AccessLogFormat.json_with_standard_fields(
                    caller=False, http_method=True, ip=True, protocol=True, request_time=True, resource_path=True,
                    response_length=True, status=True, user=False,
                ),
                method_options={
                    "/health/shallow/GET": gateway.MethodDeploymentOptions(
                        throttling_rate_limit=_HEALTH_CHECK_RATE,
                        throttling_burst_limit=_HEALTH_CHECK_BURST,
                        metrics_enabled=True,
                        logging_level=gateway.MethodLoggingLevel.ERROR,
                    )
                },
            ),
        )  # fmt: skip
        integration = gateway.LambdaIntegration(function, proxy=True)
        for path, methods in _METHODS.items():
            resource = self.api.root.resource_for_path(path)
            for method in methods:
                resource.add_method(method, integration, authorization_type=gateway.AuthorizationType.NONE)
        for kind, title in _GATEWAY_RESPONSES.items():
            self._add_gateway_response(kind, title)
        _acknowledge_findings(self.api)

    def _add_gateway_response(self, kind: str, title: str) -> None:
        body = {"type": "about:blank", "title": title, "status": "$context.status", "detail": "$context.error.message"}
        # The status is a number, so the template contains it without quotes.
        template = json.dumps(body).replace('"$context.status"', "$context.status")
        self.api.add_gateway_response(
            f"own-{kind}",
            type=getattr(gateway.ResponseType, kind),
            response_headers={
                "Access-Control-Allow-Origin": f"'https://{self._names.page_domain}'",
                "Cache-Control": "'no-store'",
            },
            templates={"application/problem+json": template, "application/json": template},
        )


def _acknowledge_findings(api: gateway.RestApi) -> None:
    policy = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    checks = {
        f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{policy}]": "The role that API Gateway needs "
        "for its logs, once in each Region of an account",
        "AwsSolutions-APIG2": "The function validates every request against the OpenAPI document and returns problems",
        "AwsSolutions-APIG3": "Throttled per stage and method. A web ACL is up to the account's owner",
        "AwsSolutions-APIG4": "The function verifies the token with the keys of both Regions' pools. An authorizer "
        "supports only its own Region's pools, so a Region outage would sign out that Region's users",
        "AwsSolutions-COG4": "See APIG4: an authorizer supports only the pools of its own Region",
    }
    Validations.of(api).acknowledge(*(Acknowledgment(id=check, reason=reason) for check, reason in checks.items()))
