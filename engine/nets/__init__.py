"""The networks, and where they compute."""
