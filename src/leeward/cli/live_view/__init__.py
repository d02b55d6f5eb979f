"""The live progress display of a rehearsal or run: frame, step rows, line log, views, pacing. Imports `rendering`."""
