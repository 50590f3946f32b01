"""Compiled files read as data: one module a format."""
