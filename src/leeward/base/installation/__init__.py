"""The local installation: the package's installed extras and the folders of the project."""
