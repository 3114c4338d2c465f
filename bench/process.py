"""CPU time and memory of a running process, from /proc."""
import os
import pathlib

TICK = os.sysconf("SC_CLK_TCK")


class Process:
    def __init__(self, pid):
        self.pid = int(pid)
        self.proc = pathlib.Path(f"/proc/{pid}")

    def cpu(self):
        """Seconds, user and system, of all threads that it has or had."""
        fields = (self.proc / "stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def reset_peak(self):
        (self.proc / "clear_refs").write_text("5")

    def peak_mib(self):
        """Highest resident size since the start or the last reset."""
        for line in (self.proc / "status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) // 1024
        raise RuntimeError(f"process {self.pid} has no VmHWM")


def children(pid, word):
    """Pids of the children of `pid` that have `word` among their first arguments."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            arguments = (entry / "cmdline").read_bytes().split(b"\0")
        except (OSError, IndexError, ValueError):
            continue
        if parent == pid and word.encode() in arguments[:3]:
            found.append(int(entry.name))
    return found


class Meter:
    """What a data plane used between `start` and `stop`. `find` gives its processes and may find none yet at the start.

    Processes of the data plane count from zero when they begin in between. `beside` are processes that serve it; their CPU is
    measured apart.
    """

    def __init__(self, find, beside):
        self.find, self.beside = find, [Process(pid) for pid in beside]

    def start(self):
        self.before = {pid: Process(pid).cpu() for pid in self.find()}
        for pid in self.before:
            Process(pid).reset_peak()
        self.beside_before = sum(p.cpu() for p in self.beside)

    def stop(self):
        now = [Process(pid) for pid in self.find()]
        if not set(self.before) <= {p.pid for p in now} or not now:
            raise RuntimeError("a process of the data plane ended during the run")
        return {"cpu_s": round(sum(p.cpu() - self.before.get(p.pid, 0) for p in now), 2),
                "peak_mib": sum(p.peak_mib() for p in now),
                "beside_cpu_s": round(sum(p.cpu() for p in self.beside) - self.beside_before, 2)}
