"""Dialects: each translates one wire API to the engine's words and back, and decides nothing."""
