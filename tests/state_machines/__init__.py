"""The documents and the compiler. `documents/shop` uses every step kind and every failure policy."""
