"""The use cases, behind ports; knows no web framework and no database."""
