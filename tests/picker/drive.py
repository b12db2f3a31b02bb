"""Runs a program in a pseudo-terminal and types into it: drive.py SCRIPT COLUMNS LINES PROGRAM ARGS…

SCRIPT is a JSON list. A string is awaited on the screen's output; {"type": "text"} types; {"resize": [columns, lines]} resizes;
{"signal": "TERM"} sends a signal; {"rest": seconds} waits. Prints one JSON object: all output, the exit code (negative for a
signal), and whether echo and line editing are on in the end.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

script, columns, lines, program = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
master, slave = pty.openpty()


def size(columns, lines):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


size(columns, lines)
out_read, out_write = os.pipe()
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    os.dup2(slave, 0)
    os.dup2(out_write if os.environ.get("STDOUT_PIPE") else slave, 1)
    os.dup2(slave, 2)
    os.closerange(3, 64)
    os.execvp(program[0], program)
os.close(out_write)

seen, since, failed = b"", 0, None


def more(seconds):
    global seen
    ready, _, _ = select.select([master], [], [], seconds)
    if ready:
        seen += os.read(master, 65536)
    return bool(ready)


for step in script:
    if isinstance(step, str):
        end = time.monotonic() + 30
        while step.encode() not in seen[since:] and time.monotonic() < end:
            more(0.1)
        if step.encode() not in seen[since:]:
            failed = f"{step!r} never came"
            break
        since += seen[since:].index(step.encode()) + len(step.encode())
    elif "type" in step:
        since = len(seen)
        os.write(master, step["type"].encode())
    elif "resize" in step:
        since = len(seen)
        size(*step["resize"])
    elif "signal" in step:
        os.kill(child, getattr(signal, "SIG" + step["signal"]))
    elif "rest" in step:
        end = time.monotonic() + step["rest"]
        while time.monotonic() < end:
            more(0.05)
end, status = time.monotonic() + 30, None
while status is None and time.monotonic() < end:
    more(0.05)
    done, code = os.waitpid(child, os.WNOHANG)
    if done:
        status = os.waitstatus_to_exitcode(code)
if status is None:
    os.kill(child, signal.SIGKILL)
    failed = failed or "it did not end"
while more(0.1):
    pass
flags = termios.tcgetattr(slave)[3]
os.set_blocking(out_read, False)
try:
    piped = os.read(out_read, 1 << 20).decode(errors="replace")
except BlockingIOError:
    piped = ""
print(json.dumps({
    "screen": seen.decode(errors="replace"), "code": status, "failed": failed, "out": piped,
    "sane": bool(flags & termios.ECHO and flags & termios.ICANON and flags & termios.ISIG),
}))
