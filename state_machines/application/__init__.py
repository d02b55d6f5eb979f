"""What a team writes: the application and its runbooks, as pydantic models. Unknown keys are refused.

A model checks what one value can tell by itself (a duration's form, a port's range); `state_machines.validate` checks
what needs a look elsewhere (a component's existence, an ARN's account). Anything in `state_machines` may import it.
"""
