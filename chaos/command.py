"""The command line: hands schedules to jobs, shows how far it is, writes the report."""

import argparse
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from chat.tests.harness.environment import ROOT
from chat.tests.harness.static_files import collect_static

from . import report
from .progress import Progress

END_LIMIT: Final = 20.0  # seconds that a job has to heal what it broke and to stop what it started
UNSHARE: Final = ["unshare", "--mount"]  # mounts of a job end with the job


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.list:
        for name, promise in report.catalogue():
            sys.stdout.write(f"{name:24} {promise}\n")
        return 0
    began = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    collect_static()
    try:
        results = list(_run(options))
    except KeyboardInterrupt:
        return 130
    results.sort(key=lambda result: int(result["seed"]))
    finished = report.Report(results, options.jobs, time.monotonic() - began)
    finished.write(options.out, options.report)
    sys.stdout.write(finished.text())
    for result in results:
        if result["skipped"]:
            sys.stderr.write(f"skipped {result['description']}: {result['skipped']}\n")
    if finished.blackouts_are_too_long:
        sys.stderr.write("FAILED a rolling restart leaves people without a word for too long\n")
    complete = len(results) == len(options.seeds)
    return (
        0
        if complete
        and not finished.blackouts_are_too_long
        and not any(result["problems"] for result in results)
        else 1
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--schedules", type=int, default=20, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the first one's; the next ones count up from it")
    parser.add_argument("--seeds", type=int, nargs="+", help="just these schedules")
    parser.add_argument("--only", nargs="+", default=[], metavar="FAULT", help="only with these faults")
    parser.add_argument("--jobs", type=int, default=2, help="side by side (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=ROOT / "test-results" / "chaos", help="logs and JSON")
    parser.add_argument("--report", type=Path, help="write the report as Markdown into this file as well")
    parser.add_argument("--list", action="store_true", help="name the faults and what is required of each")
    options = parser.parse_args()
    known = [name for name, _ in report.catalogue()]
    if unknown := set(options.only) - set(known):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    options.out = options.out.resolve()
    options.seeds = options.seeds or list(range(options.seed, options.seed + options.schedules))
    return options


def _run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    orders = Orders(options)
    results: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    jobs = [JobProcess(orders, results, options.out, n) for n in range(min(options.jobs, len(options.seeds)))]
    running = len(jobs)
    try:
        with Progress(len(options.seeds)) as progress:
            while running:
                result = results.get()
                if result is None:
                    running -= 1
                    continue
                progress.step(result)
                yield result
    finally:
        for job in jobs:
            job.end()


class Orders:
    """The schedules that wait. A job that has a world is given one that runs on the same topology."""

    def __init__(self, options: argparse.Namespace) -> None:
        from .schedule import draw

        self._only = options.only
        self._waiting = sorted((draw(seed, options.only).topology, seed) for seed in options.seeds)
        self._lock = threading.Lock()

    def next(self, last: Any) -> tuple[Any, dict[str, Any]] | None:
        with self._lock:
            if not self._waiting:
                return None
            same = [n for n, (topology, _) in enumerate(self._waiting) if topology == last]
            # Another job works its way up from the first one.
            topology, seed = self._waiting.pop(same[0] if same else self._start_of_a_group(last))
        return topology, {"seed": seed, "only": self._only}

    def _start_of_a_group(self, last: Any) -> int:
        sizes: dict[Any, int] = {}
        for topology, _ in self._waiting:
            sizes[topology] = sizes.get(topology, 0) + 1
        largest = max(sizes, key=lambda topology: sizes[topology])
        return next(n for n, (topology, _) in enumerate(self._waiting) if topology == largest)


class JobProcess:
    def __init__(
        self, orders: Orders, results: "queue.SimpleQueue[dict[str, Any] | None]", out: Path, number: int
    ) -> None:
        self._orders = orders
        self._results = results
        command = [*_unshare(), sys.executable, "-m", "chaos.job", str(out)]
        with (out / f"job-{number}.log").open("w") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT
            )
        threading.Thread(target=self._feed, daemon=True).start()

    def _feed(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        topology = None
        with contextlib.suppress(BrokenPipeError, ValueError):
            while order := self._orders.next(topology):
                topology = order[0]
                self._process.stdin.write(json.dumps(order[1]) + "\n")
                self._process.stdin.flush()
                answer = self._process.stdout.readline()
                if not answer:
                    break
                self._results.put(json.loads(answer))
            self._process.stdin.close()
        self._results.put(None)

    def end(self) -> None:
        """The end of its input ends a job, at once when it is in the middle of a schedule."""
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(END_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _unshare() -> list[str]:
    if os.geteuid() != 0:
        return []
    works = subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0
    return UNSHARE if works else []
