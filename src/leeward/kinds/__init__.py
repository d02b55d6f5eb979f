"""Step kinds and components as data: one descriptor per kind, and the registry that finds them.

    descriptors       effects of steps, and the descriptors of step kinds, components, and plug-ins
    plugin_discovery  finds the installed plug-ins
    registry          all kinds of all plug-ins
    builtin           the kinds that Leeward brings, one module each

A descriptor names its parts by import path, so that reading it loads nothing else. The functions on Lambda read
descriptors too, and don't have the documents or the compiler. Imports base only.
"""
