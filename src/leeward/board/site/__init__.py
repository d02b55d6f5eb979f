"""The board as a static site: HTML templates, RTO chart, upload to S3. Imports `board.model`."""
