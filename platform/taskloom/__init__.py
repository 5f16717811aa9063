"""Taskloom: describe a kind of work as a JSON Schema, get a validated API for it on MongoDB."""
