"""Who may do what: IAM policies, judged as AWS judges them, on every call that a Lambda makes on the twin.

    conditions   condition operators; one that is not known is refused, never guessed at
    document     statements: allowed, denied, or nothing said
    resources    of each call: the action, the resource it is about, the tags and keys that conditions may ask for
    tags         what a resource is tagged with, now
    simulation   iam:SimulatePrincipalPolicy, answered from the guard's roles
    guard        the role of each deployed function, from the templates; every call is judged, and remembered by task

moto's own evaluator (moto.iam.access_control) was looked at and not taken: there a condition that does not hold denies
the call, where AWS lets another statement allow it; its patterns are unescaped regular expressions; it knows no tags.
"""
