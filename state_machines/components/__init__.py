"""One module per kind of component: its pydantic model. A module loads when its kind is used.

The descriptor in `leeward.kinds` names a kind's model and its rules by import path. May import fields. The packages
steps, load, validate, and compile may import it.
"""
