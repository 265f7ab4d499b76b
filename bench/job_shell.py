"""The least of a shell that has jobs: runs a command in the foreground; when it stops, a line brings it back.

Run as a program: ``python job_shell.py COMMAND...``; the exit status is the command's.
"""

from __future__ import annotations

import os
import signal
import sys
import termios

STOPPED = "[stopped]"
IGNORED = (signal.SIGTTOU, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)
"""What the terminal sends to the job in front, which is the shell itself while the command is stopped."""


def main(command: list[str]) -> int:
    """Run ``command`` as a job of this terminal."""
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    settings = termios.tcgetattr(0)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        for number in IGNORED:
            signal.signal(number, signal.SIG_DFL)
        os.execvpe(command[0], command, os.environ)
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status) % 256
        os.tcsetpgrp(0, os.getpgrp())
        left = termios.tcgetattr(0) == settings
        print(f"{STOPPED} terminal {'restored' if left else 'left as it was'}", flush=True)
        sys.stdin.readline()
        os.tcsetpgrp(0, child)
        os.killpg(child, signal.SIGCONT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
