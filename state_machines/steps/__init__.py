"""One module per step kind: its model, its rules, its states, and its undo. Modules don't import each other.

A module is loaded when its kind is used: the descriptor in `leeward.kinds` names its parts by import path. Steps may
import application, components, fields, asl, fragments, rules, and step_kinds.
"""
