"""Terminal building blocks: consoles, glyphs, bars, text formatting, visible window. Imports nothing else of `cli`."""
