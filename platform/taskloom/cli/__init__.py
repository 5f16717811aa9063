"""The program `taskloom`."""
