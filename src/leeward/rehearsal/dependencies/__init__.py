"""Computes which AWS services a run needs: fails each service in each Region, and compares each run with a clean one.

- `clean_run` opens the world at the start of the run, and plays the run without an outage.
- `outage_trial` plays the run during one outage, and resumes a run that stopped.
- `patient_operator` answers the questions of such a run.
- `dependency_runner` forks the trials and builds the table of `evidence.dependencies`.

May import `runner`, `sweep`, and `processes`. Only `cli` and the tools may import this package.
"""
