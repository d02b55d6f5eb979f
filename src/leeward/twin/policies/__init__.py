"""Evaluates IAM policies as AWS does, for every call that a Lambda function makes on the twin.

    evaluation           statements, condition operators, and the permissions that each call requires
    resource_tags        the present tags of a resource
    call_authorizer      the role of each deployed function, from the templates; authorizes calls and records them
    policy_simulation    iam:SimulatePrincipalPolicy, answered from the same roles

moto's own evaluator (moto.iam.access_control) was considered and rejected. There, a condition that does not hold denies
the call, while AWS lets another statement allow it. Its patterns are unescaped regular expressions. It ignores tags.
"""
