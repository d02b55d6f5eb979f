"""A sample application: a serverless customer ticketing service that is active in two Regions.

`api/` is what runs in Lambda, `simulated_identity/` replaces Cognito and Facebook on a laptop, and `web/` is the page.
The application imports nothing else of the repository, apart from `infra/` and `on_twin.py`. The repository imports it
only where the twin and the tests run it.
"""
