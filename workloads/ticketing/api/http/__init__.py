"""Routes, request parsing, response headers, validation problems, page tokens. Imports service and contract."""
