"""Terminal building blocks: consoles, glyphs, bars, text, and scrolling. Imports no other package of `cli`."""
