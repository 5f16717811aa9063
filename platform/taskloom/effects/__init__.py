"""Reactions to events and to the passing of time, one file each."""
