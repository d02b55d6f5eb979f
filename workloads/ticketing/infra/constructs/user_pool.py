"""The user pool of a Region. Users sign in with Facebook on Cognito's hosted pages, and can't sign up themselves."""

from __future__ import annotations

from aws_cdk import Acknowledgment, CfnOutput, RemovalPolicy, SecretValue, Validations
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from workloads.ticketing.api.service.authentication import AGENTS_GROUP
from workloads.ticketing.infra.configuration.resource_names import TicketingNames

# The name of a secret in each Region's Secrets Manager. An operator creates it before the first deployment, so that the
# secret is never in a template.
FACEBOOK_SECRET = "ticketing/facebook-app-secret"  # noqa: S105 - a secret's name


class TicketingUserPool(Construct):
    """The pool, Facebook, the app clients of the page and of checks, the hosted domain, and the agents group."""

    def __init__(self, scope: Construct, name: str, *, names: TicketingNames, region: str) -> None:
        super().__init__(scope, name)
        pool = cognito.UserPool(
            self,
            "pool",
            user_pool_name="ticketing",
            # A user who could choose a name would own the tickets of the Facebook user with that name in the other
            # Region.
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(username=True),
            password_policy=cognito.PasswordPolicy(
                min_length=16, require_digits=True, require_lowercase=True, require_symbols=True, require_uppercase=True
            ),
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        facebook = cognito.UserPoolIdentityProviderFacebook(
            self,
            "facebook",
            user_pool=pool,
            client_id=names.plan.settings.facebook_app_id or "",
            client_secret=SecretValue.secrets_manager(FACEBOOK_SECRET).unsafe_unwrap(),
            scopes=["public_profile", "email"],
            attribute_mapping=cognito.AttributeMapping(
                email=cognito.ProviderAttribute.FACEBOOK_EMAIL, fullname=cognito.ProviderAttribute.FACEBOOK_NAME
            ),
        )
        page = f"https://{names.page_domain}/"
        self.client = pool.add_client(
            "page",
            user_pool_client_name="page",
            generate_secret=False,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            auth_flows=cognito.AuthFlow(),
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.FACEBOOK],
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                scopes=[cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.PROFILE],
                callback_urls=[page],
                logout_urls=[page],
            ),
        )
        self.client.node.add_dependency(facebook)
        self.canary = pool.add_client(
            "canary",
            user_pool_client_name="canary",
            generate_secret=False,
            disable_o_auth=True,
            prevent_user_existence_errors=True,
            auth_flows=cognito.AuthFlow(user_password=True),
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
        )
        pool.add_domain(
            "domain", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=names.sign_in_domain(region))
        )
        cognito.CfnUserPoolGroup(
            self,
            "agents",
            user_pool_id=pool.user_pool_id,
            group_name=AGENTS_GROUP,
            description="Agents see all users' tickets",
        )
        self.pool = pool
        for output, value in {
            "Issuer": f"https://cognito-idp.{region}.amazonaws.com/{pool.user_pool_id}",
            "PageClient": self.client.user_pool_client_id,
            "CanaryClient": self.canary.user_pool_client_id,
        }.items():
            CfnOutput(self, output, value=value).override_logical_id(output)
        checks = {
            "AwsSolutions-COG2": "Users sign in with Facebook and its second factor. The only other user is the canary",
            "AwsSolutions-COG3": "Threat protection applies to passwords of the pool's own users, and there is one",
            "AwsSolutions-COG8": "The Plus plan adds threat protection for the pool's own users, of which there is one",
        }
        Validations.of(pool).acknowledge(*(Acknowledgment(id=check, reason=reason) for check, reason in checks.items()))
