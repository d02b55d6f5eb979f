"""Draws: the same rehearsal with many seeds, each in a process of its own, to see how much its figures vary.

`evidence.draws` has the models and the statistics. May import `runner` and `processes`. Only `cli` may import this
package.
"""
