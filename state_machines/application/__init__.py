"""The application document and what follows from it: launch order and run direction. Models reject unknown keys.

A model checks what a single value shows, such as a duration's format or a port's range. `state_machines.validate`
checks what depends on other values, such as whether a component exists. Any module in `state_machines` may import this
package.
"""
