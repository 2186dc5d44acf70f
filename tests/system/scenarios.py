# SPDX-License-Identifier: BSD-2-Clause
"""What the system tests have in common.

A scenario is a function, with its arguments, that boots what it needs and yields (name, problem)
for each check, where no problem is an empty string; one that breaks off fails under its own name.
No boot takes longer than LIMIT seconds: far more than one needs, for the host may be busy.
"""

import concurrent.futures
import signal
import subprocess
import sys

import boot

LIMIT = 300


def expect(value, wanted):
    return "" if value == wanted else "is %.300r, and should be %.300r" % (value, wanted)


def unless(good, problem):
    return "" if good else problem


def run(name, scenario):
    """All checks of one scenario, as (name, problem)."""
    checks = []
    try:
        for check in scenario[0](*scenario[1:]):
            checks.append(check)
    except (boot.Failure, OSError, ValueError, KeyError, IndexError, AttributeError, TypeError,
            subprocess.SubprocessError) as error:
        checks.append((name, "broke off after %d checks: %s: %s" %
                       (len(checks), type(error).__name__, error)))
    return checks


def run_all(scenarios, names):
    """Runs the named scenarios, or all, two at once; prints the checks; returns how many failed."""
    unknown = set(names) - scenarios.keys()
    if unknown:
        sys.exit("system: no scenario %s; there are %s" %
                 (" ".join(unknown), " ".join(scenarios)))
    signal.signal(signal.SIGTERM, boot.Console.end_all)
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [pool.submit(run, name, scenarios[name]) for name in names or scenarios]
        for job in concurrent.futures.as_completed(jobs):
            for name, problem in job.result():
                print("%s %s" % ("not ok" if problem else "ok", name), flush=True)
                if problem:
                    print("    " + problem.rstrip().replace("\n", "\n    "), flush=True)
                failed += bool(problem)
                passed += not problem
    print("%d passed, %d failed" % (passed, failed))
    return failed
