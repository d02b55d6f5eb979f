"""The complete state of the twin at one instant, comparable between runs that took different ways to it.

- `session_state` reads it from a session.
- `normalization` replaces what two runs can't have in common: instants, generated IDs, and the names of their runs.
- `ignored_state` lists what isn't compared, each entry with its reason. Everything else is compared.
- `comparison` finds the differences between two states.
- `trial_goal` is the state that a trial of a sweep must reach.

May import session, snapshots, and clients.
"""
