"""Builds the world of a rehearsal: an application's two Regions, its DNS records, and its clients.

`world_builder` builds the world from the application's document and the world document. `servers` and `serverless`
contain the parts of each kind of application. May import clients and scenarios.
"""
