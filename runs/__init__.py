"""The record: what a run is, what happened in it, and where that is kept. Never imports torch or a screen."""
