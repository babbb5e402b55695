"""Becomes another program that the kernel signals when our parent dies, even by `kill -9`.

Run as a script, isolated and without site-packages, between the supervisor and the program:

    python -I -S leash.py PARENT_PID SIGNAL UID GID PROGRAM [ARGUMENT...]

A program of its own, because the alternative (`preexec_fn`) runs Python between fork and exec, which can
deadlock once the parent has threads. UID and GID are numbers, or `-` to stay who we are; they are changed here
since changing them clears the death signal. Where the kernel has no death signal (macOS) the program is simply
run, and what is left of it after a crash is found by the next start.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def _main(parent: str, number: str, uid: str, gid: str, *command: str) -> None:
    # Loaded first: after the change of user our own files may be out of reach.
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if libc is not None and libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot ask for a death signal")
    if os.getppid() != int(parent):
        # It died before the kernel was asked: nobody is left to stop the program.
        sys.exit("the parent is gone")
    os.execvp(command[0], command)  # noqa: S606 - no shell, and the arguments are ours


if __name__ == "__main__":
    _main(*sys.argv[1:])
