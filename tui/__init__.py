"""The command line and the screen. Importing it loads no torch."""
