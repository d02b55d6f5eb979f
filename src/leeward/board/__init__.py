"""The board: for each application, would a failover succeed, when was it last tried, and who is asked.

Made of what journals and readiness say; a static site, an index and a page per application. Imports `evidence`,
`readiness`, `control` and `common`; imported by `cli` and by the function that publishes it (`lambdas.board`).
"""
