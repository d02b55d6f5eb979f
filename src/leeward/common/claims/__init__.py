"""What a step reports: values of a small closed set of types, each with its facts and its sentence.

    types          the claims: about servers, users, data, and the run
    all_claims     the closed set, and reading claims from a journal
    claims_of_0_1  reads the facts of older journals

A task reports claims. Journals store them. The summary, reports, the board, screens, and messages read their fields or
their sentences (`text`), and build none of their own.
"""
