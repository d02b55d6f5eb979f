"""The website sample (needs a new, empty-but-docstring __init__.py). Holds world.yaml, scenarios/ and infra/."""
