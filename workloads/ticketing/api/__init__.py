"""The ticketing API: Lambda functions behind API Gateway (REST, Regional), with the same code in both Regions.

    handler.py    the API's function: `handler(event, context)`
    contract/     settings, request and response models, and problem documents (RFC 9457)
    http/         routes, request parsing, response headers, and page tokens; `openapi.json` comes from the routes
    service/      what the API does, without HTTP: tickets, table access, authentication, health
    heartbeat.py  a function on a schedule that writes a marker, by which the other Region monitors replication
    conflicts.py  a function on the table's stream that finds writes lost to another Region's write

Importing these modules creates no client and reads no environment variables.
"""
