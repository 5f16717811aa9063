"""One file a program whose exports are read."""
