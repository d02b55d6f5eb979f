"""The board: a static site that shows each application's readiness, past runs, and open questions.

The data comes from run journals and readiness reports. The site has an index and one page per application.

Imports base, common, control, evidence, and readiness. Imported by cli and by the function that publishes the board,
`lambdas.board`.
"""
