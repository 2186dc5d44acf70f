# SPDX-License-Identifier: BSD-2-Clause
"""What a stock Linux finds of devices that options of the root change, whatever root: the machine is the
caller's, and each function boots it once.

    ports       a console with a second port, port=NAME, and its size, console=101x33
    entropy     a limit on the entropy, rng=RATE
    ranges      parts of a disk of SIZE bytes are discarded and cleared

The second port gives back what it is sent, up to a ^D: there the root closes its side, so that a
reader comes to an end, until the guest closes its own (roots/common/loopback.h).
"""

import hashlib
import os

import boot
from guest import MARK, PATTERN, ring_features, sections, shell
from scenarios import expect, unless

NAME = "org.vio.echo"
NUMBERS = "".join("%d\n" % number for number in range(1, 20001)).encode()

PORTS = r"""
section() { echo "== $*"; }
section received; dd bs=1k count=64 iflag=fullblock </dev/hvc0 2>/dev/null | sha256sum
section size; stty size </dev/hvc0
section features; cat /sys/bus/virtio/devices/*/features
section name; cat /sys/class/virtio-ports/vport0p1/name
section nodes; ls /dev/vport*
section echo
exec 3<>/dev/vport0p1
{ seq 20000; printf '\004'; } >&3 &
sha256sum <&3
wait
section reopened
exec 3>&-
exec 3<>/dev/vport0p1
printf 'once more\n\004' >&3; cat <&3
section forgotten
exec 3>&-
printf 'not read' >/dev/vport0p1
exec 3<>/dev/vport0p1
printf 'then\n\004' >&3; cat <&3
section pattern; dd if=/dev/vda bs=64k count=1 2>/dev/null
"""


def ports(machine, slots, who):
    """The second port at its work, beside a console that has not changed. The disk starts with PATTERN."""
    _, output = shell(machine, PORTS, feed=PATTERN, mark=MARK)
    got = sections(output)
    yield ring_features(got["features"], who, [slots])
    yield (who + "64 KiB from the host to hvc0 arrive intact",
           expect(got["received"].split()[0].decode(), hashlib.sha256(PATTERN).hexdigest()))
    yield (who + "64 KiB from hvc0 to the host arrive intact",
           unless(output.split(b"== pattern\n", 1)[1] == PATTERN, "they do not"))
    yield who + "the console's size comes in a message", expect(got["size"], b"33 101\n")
    yield who + "the port has its name", expect(got["name"].decode(), NAME + "\n")
    yield (who + "there are two",
           expect(got["nodes"].split(), [b"/dev/vport0p0", b"/dev/vport0p1"]))
    yield (who + "what is sent comes back, and then the end",
           expect(got["echo"].split()[0].decode(), hashlib.sha256(NUMBERS).hexdigest()))
    yield who + "closed and opened, it is open on both sides", expect(got["reopened"], b"once more\n")
    yield who + "the root knows that the guest closed it", expect(got["forgotten"], b"then\n")


RATE = 2048
DRAWN = 4 * RATE

ENTROPY = """
cut -d' ' -f1 /proc/uptime
dd if=/dev/hwrng bs=64 count=%d iflag=fullblock 2>/dev/null | wc -c
cut -d' ' -f1 /proc/uptime
""" % (DRAWN // 64)


def entropy(machine, who):
    """A guest that may have 2 KiB a second, and as much at once, draws 8 KiB."""
    _, output = shell(machine, ENTROPY)
    before, count, after = output.decode().split()
    yield who + "rng: a guest over its limit gets what it asks for", expect(int(count), DRAWN)
    # A second may end as soon as the clock is first looked at.
    allowed = RATE * (float(after) - float(before) + 1) + RATE
    yield (who + "rng: hostile 60 a guest gets no more than its limit",
           unless(DRAWN <= allowed, "%s bytes in the time of %.0f" % (count, allowed)))


SIZE = 8 * boot.MIB
# Byte ranges: discarded, cleared, cleared with leave to deallocate.
DISCARDED, CLEARED, PUNCHED = (boot.MIB, boot.MIB), (3 * boot.MIB, boot.MIB + 512), \
    (5 * boot.MIB, 1536)

COMMANDS = """
section() { echo "== $*"; }
cd /sys/block/vda
section queues; ls mq | wc -l
section limits; cat queue/discard_granularity queue/discard_max_bytes queue/write_zeroes_max_bytes
section mode
for mode in "write through" "write back"; do
	cat queue/write_cache
	echo "$mode" >cache_type
	dd if=/dev/zero of=/dev/vda bs=4k count=64 oflag=direct conv=fsync || echo bad
done 2>/dev/null
cat queue/write_cache
section ranges
yes | head -c %d | dd of=/dev/vda bs=1M conv=fsync 2>/dev/null
blkdiscard -o %d -l %d /dev/vda && /vio/clear /dev/vda %d %d && /vio/clear /dev/vda %d %d punch &&
	echo cleared
echo 3 >/proc/sys/vm/drop_caches
section sum; sha256sum </dev/vda
""" % (SIZE, *DISCARDED, *CLEARED, *PUNCHED)


def content():
    """What the disk holds in the end."""
    image = bytearray(b"y\n" * (SIZE // 2))
    for at, size in [DISCARDED, CLEARED, PUNCHED]:
        image[at:at + size] = bytes(size)
    return image


def ranges(machine, who, modes, clear="clear"):
    """`clear`: the program, build/tests/clear for an ARM guest."""
    machine.initrd += boot.cpio([("vio", boot.DIRECTORY, b""),
                                 ("vio/clear", boot.PROGRAM, boot.read(os.path.join(boot.BUILD, "tests", clear)))])
    _, output = shell(machine, COMMANDS)
    got = {name: text.decode().splitlines() for name, text in sections(output).items()}
    yield who + "a queue for each CPU, of which there is one", expect(got["queues"], ["1"])
    granularity, *most = map(int, got["limits"])
    yield (who + "offers to discard and to write zeroes",
           unless(granularity == 512 and min(most) >= boot.MIB, "limits %s" % got["limits"]))
    yield (who + "BLK-D-03 BLK-D-26 the guest chooses the cache mode, if there is a cache",
           expect(got["mode"], modes))
    yield who + "BLK-D-22 BLK-D-23 discards and clears", expect(got["ranges"], ["cleared"])
    yield (who + "BLK-D-23 what was cleared reads as zeroes, and nothing else",
           expect(got["sum"][0].split()[0], hashlib.sha256(content()).hexdigest()))
