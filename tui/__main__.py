"""``python -m namestui.tui``."""

from namestui.tui.cli import main

main()
