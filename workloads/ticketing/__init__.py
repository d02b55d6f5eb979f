"""A customer ticketing service, serverless and active in two Regions: an application that runbooks protect.

`api/` is what runs in Lambda, `identity/` stands in for Cognito and Facebook on a laptop, `web/` is the page.
It is an application of its own: it imports nothing of the rest of the repository, which imports it only where the twin
and the tests run it.
"""
