# SPDX-License-Identifier: BSD-2-Clause
"""Bare-metal guests (tests/system/el1) beside one another: what they say, and their share of the CPU.

Shares are measured inside the guests, in loops of known length, and one instruction is one
nanosecond: no clock of the host is in it.
"""

import os
import re

import boot
from scenarios import unless

GUEST = os.path.join(boot.BUILD, "guests/el1.elf")
ICOUNT = ["-icount", "shift=0,sleep=off"]
VIRTUAL_TIME = [*ICOUNT, "-rtc", "clock=vm"]
MS = 62500  # ticks of the counter
LOOP = 4  # instructions
ALL = 98  # checks in case=all


def verdicts(who, text, count):
    """The checks a guest has made itself: so many."""
    found = re.findall(r"^(?:\[\w+\] )?(ok|not ok) (.*)$", text, re.M)
    for verdict, name in found:
        yield who + name, unless(verdict == "ok", "it said: " + text)
    yield who + "has come to its end", unless(len(found) == count, "it said: " + text[-2000:])


def split(text):
    """What each guest of examples/several has said, by its number, and the root, 0."""
    # A line of another, or a report, which begins a new one, may come in the midst of one of the first.
    lines = r"\n(vio-root: .*\n(?:  .*\n)+)|(?:vio-root: |\[guest(\d)\] )(.*\n)"
    texts = {1: re.sub(lines, "", text), 0: ""}
    for report, number, line in re.findall(lines, text):
        texts[int(number or 0)] = texts.get(int(number or 0), "") + (report or line)
    return texts


def loops(text):
    found = re.search(r"loops (\d+)", text)
    if not found:
        raise boot.Failure("a guest has not counted: " + text[-2000:])
    return int(found.group(1))


def share(count, ticks):
    """Of all instructions in that time."""
    return count * LOOP / (ticks * 16)


def near(value, wanted):
    return unless(abs(value - wanted) <= 0.05 * wanted, "is %.4f, and should be %.4f" %
                  (value, wanted))


def windows_begin_in_time(text):
    """The root's longest piece of work is to write a guest's device tree: about 0.11 ms."""
    late = re.search(r"(\d+) windows, late by (\d+) ticks at worst", text)
    return unless(late and int(late.group(1)) > 150 and int(late.group(2)) < MS / 8,
                  "the root said: " + (late.group(0) if late else text[-2000:]))
