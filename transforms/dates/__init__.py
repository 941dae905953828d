"""Temporal expressions: find them, read them, reckon their days."""
