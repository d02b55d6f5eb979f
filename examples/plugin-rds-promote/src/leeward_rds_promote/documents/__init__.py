"""The documents of the component and of the step, with their rules and states."""
