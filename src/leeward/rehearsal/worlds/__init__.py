"""The world of a rehearsal: an application's two Regions, built from its document, and the incident that strikes them.

`documents` says what the twin is told; `build` builds the Regions; `incident` makes things happen; `operator` is the
person on call. May be imported by `twin` and `cli`.
"""
