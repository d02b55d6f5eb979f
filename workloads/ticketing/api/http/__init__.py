"""Routes, request parsing, response headers, validation problems, and page tokens. Imports service and contract."""
