"""One file per kind (or family) of field; `fields.base` says what a kind is."""
