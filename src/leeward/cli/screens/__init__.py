"""The screens of the commands. Each module only turns values into Rich renderables or lines.

Text from documents or from AWS passes through `rendering.text_format` into `rich.text.Text`, so that Rich doesn't read
it as markup. `cli.commands` and `cli.runners` import this package.
"""
