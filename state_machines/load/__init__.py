"""Loads files into models. The only part of Leeward that reads YAML.

`text_files.py` reads a file. `yaml_parser/` turns its YAML into plain values with positions. `schema_shapes.py` and
`validation_messages.py` turn pydantic's errors into problems. `document_loader.py` finds an application's files. For
any file content, the result is a model or problems, never a traceback.
"""
