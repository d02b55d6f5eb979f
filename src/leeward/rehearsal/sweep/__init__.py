"""The sweep: runs a runbook many times, each time with a different fault, and checks that it recovers every time.

- `sweep_runner` selects the trials, resumes earlier sweeps, and finds the smallest fault set that still fails.
- `sweep_setup` opens the world that every trial starts from.
- `faults` contains the baseline run, and the fault IDs. A fault ID is enough to replay its trial.
- `injection` injects the faults of a trial into its run.
- `trials` runs and assesses the trials. It forks a process for each trial from one baseline run and skips equivalent
  trials.
- `counts` has the trials that missed the RTO or the RPO, or stopped although a retry would have been enough.
- `trial_results` stores the results, and `sweep_report` summarizes them.

Only `cli` may import this package.
"""
