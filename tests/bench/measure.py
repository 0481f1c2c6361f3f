#!/usr/bin/env python3
"""measure.py RUNS NAME COMMAND [-- NAME COMMAND]...: runs shell commands in turn, RUNS times each after one warm-up.

Prints the median wall seconds and the largest resident set of any process of each, and the ratio of each to the first.
"""
import os
import subprocess
import sys
import time


def once(command):
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        done = subprocess.run(["bash", "-c", command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        import resource
        with open(f"/tmp/measure-{os.getppid()}", "w") as f:
            f.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
        os._exit(done.returncode & 127 or done.returncode != 0)
    status = os.waitpid(pid, 0)[1]
    wall = time.perf_counter() - start
    path = f"/tmp/measure-{os.getpid()}"
    with open(path) as f:
        rss = int(f.read())
    os.unlink(path)
    if status != 0:  # a command that did not do its work has no time
        sys.exit(f"measure: failed: {command}")
    return wall, rss


def main():
    runs, rest = int(sys.argv[1]), sys.argv[2:]
    commands = []
    while rest:
        commands.append((rest[0], rest[1]))
        rest = rest[3:]
    walls = {n: [] for n, _ in commands}
    peak = {n: 0 for n, _ in commands}
    for i in range(runs + 1):
        for name, command in commands:
            wall, rss = once(command)
            peak[name] = max(peak[name], rss)
            if i:
                walls[name].append(wall)
    first = sorted(walls[commands[0][0]])[runs // 2]
    for name, _ in commands:
        median = sorted(walls[name])[runs // 2]
        print(f"  {name:<44} {median:8.3f} s  {peak[name] / 1024:7.1f} MB  ratio {median / first:5.2f}")


main()
