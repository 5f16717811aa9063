"""Workflow files: loaded, checked with every fault at once, compiled to plain functions."""
