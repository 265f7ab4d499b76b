"""``python -m namestui.tui``."""

from namestui.tui.entry import main

main()
