"""The board as a static site: HTML templates, RTO chart, and upload to S3. Imports board.model."""
