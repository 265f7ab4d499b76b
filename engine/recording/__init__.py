"""Writing the record, and serving those who follow it; no torch here."""
