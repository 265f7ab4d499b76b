"""A console for bars that leaves the cursor alone."""

from __future__ import annotations

from rich.console import Console


class SteadyConsole(Console):
    """Leaves the cursor where it is seen: whatever ends or stops this process, nobody is left without one."""

    def show_cursor(self, show: bool = True) -> bool:  # noqa: ARG002 - as rich has it
        """Hide nothing, so that nothing must be brought back."""
        return False
