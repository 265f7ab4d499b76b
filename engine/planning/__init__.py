"""From what the user wants to runs on disk; no torch here."""
