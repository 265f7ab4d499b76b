"""What opens over the main screen, one dialog a file."""
