"""The API: Lambda functions behind API Gateway (REST, Regional), the same code in both Regions.

    handler     the API's function, `handler(event, context)`: what every request passes through, from first to last
    settings    the configuration, from the environment
    gate        what is refused before a route sees it: size, form, token
    identity    whose token it is
    routes      the paths, on Powertools' resolver with validation; `openapi.json` is written from them
    models      what is received and answered
    tickets     what may be done with a ticket, decided
    store       the DynamoDB global table, through one client; `items` is how things lie in it
    health      deep and shallow
    problems    every refusal, as a problem document (RFC 9457)
    answers     the headers that every answer carries (CORS, security, the Region)
    heartbeat   a second function, on a schedule: the marker by which the other Region sees replication at work
    conflicts   a third function, on the table's stream: finds writes that another Region's write replaced

Importing any of it makes no client and reads no environment.
"""
