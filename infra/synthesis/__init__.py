"""From a plan to templates: the CDK app, the application's own stacks, the template cache, the reproducibility check,
Node. Imports stacks, packaging, permissions, inputs; __main__ and deployment import it.
"""
