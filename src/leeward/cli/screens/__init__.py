"""What the command shows. Each module turns values into Rich renderables or lines, and does nothing else.

Text that comes from documents or from AWS passes through `words.clean` into `rich.text.Text`: it is shown as it is, and
never read as markup. Imported by `cli.commands`, `cli.rehearsing` and `cli.watch`.
"""
