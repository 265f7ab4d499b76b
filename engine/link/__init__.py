"""The side of the engine that starts workers and talks to them; no torch here."""
