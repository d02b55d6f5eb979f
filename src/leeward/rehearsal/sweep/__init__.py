"""The sweep: a runbook is run again and again, each time with one thing broken, and each time must end well.

`survey` runs it once with nothing broken and lists what could break; `faults` names each breakage (its id is all that
is needed to replay it); `breaking` makes one happen; `trial` is one broken run, the judgement of it, and the run that
goes on from there once nothing is broken any more; `stages` opens the world that every trial starts from; `branches`
forks a process for each trial from one clean run, at its fault; `meetings` ends those that come to the same; `fleet`
hears what they come to; `sweep` chooses, resumes, counts, and finds the smallest set of faults that still fails;
`record` keeps verdicts, `report` sums them up. May be imported by `cli` alone.
"""
