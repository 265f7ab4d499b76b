"""Corpora of names: loading, cleaning, splitting and encoding."""
