"""From files to models. The only part of Leeward that reads YAML.

`text.py` reads the file, `nodes.py` turns its YAML into plain values with a place for each, `scalars.py` decides what a
word means, `explain.py` turns what a model refuses into problems, `documents.py` finds the files of an application.
Whatever a file holds, the answer is a model or problems, never a traceback.
"""
