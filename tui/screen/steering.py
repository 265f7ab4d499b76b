"""Keys that steer the shown run: pause, resume, stop."""

from __future__ import annotations

from namestui.tui.screen.desk import Desk
from namestui.tui.state.steer import how_to_train_on


class Steering(Desk):
    """What a key asks of a run is shown at once; what becomes of it comes with the events."""

    def action_pause(self) -> None:
        """Pause the shown run."""
        if (state := self._runs.shown) is not None:
            self._carry_out(self._steer.pause(state))

    def action_resume(self) -> None:
        """Train on: after a pause, a stop, a failure or an interruption."""
        if (state := self._runs.shown) is not None:
            self._carry_out(self._steer.resume(state))

    action_resume_paused = action_resume

    def action_resume_all(self) -> None:
        """After a reboot: every interrupted run with a tab trains on."""
        self._carry_out(self._steer.resume_all(self._runs))

    def action_extend(self) -> None:
        """Say how an ended run trains on."""
        state = self._runs.shown
        if state is not None:
            self.notify("the replay is over" if self._replay else how_to_train_on(state), markup=False)

    def action_stop(self) -> None:
        """Save a checkpoint of the shown run and end its worker."""
        if (state := self._runs.shown) is not None:
            self._carry_out(self._steer.stop(state))
