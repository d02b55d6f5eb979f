"""From valid documents to a state machine, by fragments.

`machine.py` tells the story: a frame (`frame.py`: begin, record the end), one fragment per step (made by the step's
own module in `state_machines.steps`), what follows each step's failure (`policy.py`), and the way back (`undo.py`).
What a fragment is built from is here too, and only here: a call of a Lambda (`tasks.py`), its retries and catches
(`retries.py`), waiting for AWS (`waiting.py`), lanes side by side (`side_by_side.py`), the states' names (`names.py`).

The names of this package are imported from its modules, so that `steps` can use the constructs that `machine` ends up
putting together.
"""
