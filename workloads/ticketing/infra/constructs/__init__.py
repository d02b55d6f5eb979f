"""CDK constructs of the ticketing service, one module per AWS service.

Imports configuration, table_schema, api.service.authentication, leeward.infra.constructs, and packaging.
"""
