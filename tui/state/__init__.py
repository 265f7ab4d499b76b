"""What the screen knows; no textual here."""
