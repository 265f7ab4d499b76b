"""Text out of data; no textual here."""
