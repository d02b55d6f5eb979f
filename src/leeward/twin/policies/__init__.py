"""Evaluates IAM policies as AWS does, for every call that a Lambda function makes on the twin.

    evaluation           statements, condition operators, and the permissions that each call requires
    resource_tags        the present tags of a resource
    function_role        the role of a function
    call_authorizer      authorizes the calls of functions by their roles, and records them
    template_roles       the roles of the functions in synthesized templates
    policy_simulation    iam:SimulatePrincipalPolicy, answered from the same roles

moto's own evaluator (moto.iam.access_control) was considered and rejected. There, a condition that does not hold denies
the call, while AWS lets another statement allow it. Its patterns are unescaped regular expressions. It ignores tags.
"""
