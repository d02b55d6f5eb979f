"""Operating runs, from a person's side: find them, start them, answer them, stop them, let them go on.

    reach       clients for one person's credentials, on AWS or on a served twin, and errors in an operator's words
    runs        the runs that there are, in which Region, and how they stand
    proof       the signed statement that says who answers
    answering   approve, reject, retry, skip, abort
    steering    start, stop, resume

Uses `control` and `common` alone, and knows neither the twin nor the command. Imported by `cli`.
"""
