# SPDX-License-Identifier: BSD-2-Clause
"""A stock Linux that looks at its devices: its disk, what it does, and what is to come out.

    make_disk       the disk, and what it is to hold afterwards
    DISK            what makes it so, in a guest
    first_boot      runs FIRST in the guest and checks what it sees of its devices
    SECOND          for another boot, from the same disk
    host_checks     what is in the disk's file then

None of the checks depends on who is below the guest, our root or QEMU's machine itself.
"""

import hashlib
import os
import random
import re
import subprocess

import boot
from scenarios import LIMIT, expect, unless

MARK = "0123456789abcdef"
SECTOR = 512

# Every byte a console can carry but ^O: on its own console Linux takes that for SysRq.
PATTERN = bytes(byte for byte in random.Random(1).randbytes(1 << 17) if byte != 0x0f)[:65536]

# The disk: two partitions, one for raw copies (which starts with the pattern), one for ext4.
RAW = (2048, 16 * boot.MIB // SECTOR)
EXT4 = (2048 + RAW[1], 32 * boot.MIB // SECTOR)


def copies():
    """Random copies inside the raw partition, as (from, to, sectors)."""
    rng = random.Random(2)
    for _ in range(48):
        count = rng.choice([1, 2, 7, 8, 9, 64, 129, 256, 2048])
        yield rng.randrange(4096), rng.randrange(4096, RAW[1] - count), count


def partition(image, span):
    return image[span[0] * SECTOR:(span[0] + span[1]) * SECTOR]


def make_disk(path, extra=()):
    """Makes the disk, with these more partitions; returns what the raw one is to hold at the end."""
    table = [(*RAW, False), (*EXT4, False), *extra]
    raw = bytearray(PATTERN + random.Random(3).randbytes(4 * boot.MIB))
    raw += bytes(RAW[1] * SECTOR - len(raw))
    with open(path, "wb") as file:
        file.truncate(max(64 * boot.MIB, *((start + count) * SECTOR for start, count, _ in table)))
        file.seek(446)
        file.write(boot.partition_table(table))
        file.seek(RAW[0] * SECTOR)
        file.write(raw)
    boot.tool("mke2fs", "-q", "-F", "-t", "ext4", "-E", "offset=%d" % (EXT4[0] * SECTOR), path,
              "%dk" % (EXT4[1] // 2))
    for source, target, count in copies():
        raw[target * SECTOR:(target + count) * SECTOR] = \
            raw[source * SECTOR:(source + count) * SECTOR]
    return bytes(raw)


# What a boot does to the disk. Each section's output follows a line `== name`.
DISK = """
section copies
while read from to count direct; do
	dd if=/dev/vda1 of=/dev/vda1 bs=512 skip=$from seek=$to count=$count conv=notrunc $direct 2>&1 |
		grep -v records
done <<END
%s
END
blockdev --flushbufs /dev/vda
section ext4
{ [ ! -d /lib/modules ] || modprobe ext4; } && mount -t ext4 /dev/vda2 /mnt || echo not mounted
for n in 1 2 3 4 5 6 7 8; do cp /bin/busybox /mnt/copy$n || echo not copied; done
mkdir /mnt/many && for n in $(seq 300); do echo $n >/mnt/many/$n; done
rm /mnt/copy3; mv /mnt/copy4 /mnt/many
umount /mnt
""" % "\n".join("%d %d %d %s" % (*copy, "oflag=direct" if copy[2] % 8 == 0 else "")
                for copy in copies())

# What the first boot does; the last section is the pattern.
FIRST = """
section() { echo "== $*"; }
section received; dd bs=1k count=64 iflag=fullblock </dev/hvc0 2>/dev/null | sha256sum
section board; tr '\\0' '\\n' </proc/device-tree/compatible
section memory; sed -n 's/MemTotal: *//p' /proc/meminfo
section size; stty size </dev/hvc0 2>/dev/null
section hwrng; dd if=/dev/hwrng bs=256 count=1 iflag=fullblock 2>/dev/null | hexdump -v -e '1/1 "%%02x"'; echo
section source; cat /sys/class/misc/hw_random/rng_current
section ids; cat /sys/bus/virtio/devices/*/device
section features; cat /sys/bus/virtio/devices/*/features
section nodes; ls -d /proc/device-tree/virtio_mmio@* /proc/device-tree/*/virtio_mmio@* 2>/dev/null
%ssection messages; dmesg -r
section pattern; dd if=/dev/vda1 bs=64k count=1 2>/dev/null
""" % DISK

SECOND = """
section() { echo "== $*"; }
section raw; sha256sum </dev/vda1
section ext4
{ [ ! -d /lib/modules ] || modprobe ext4; } && mount -t ext4 -o ro /dev/vda2 /mnt
cmp /mnt/copy8 /bin/busybox && cmp /mnt/many/copy4 /bin/busybox && ls /mnt/many | wc -l
cat /mnt/many/* 2>/dev/null | head -c 8 | wc -c
umount /mnt
section hwrng; dd if=/dev/hwrng bs=256 count=1 iflag=fullblock 2>/dev/null | hexdump -v -e '1/1 "%02x"'; echo
"""


def sections(output):
    parts = re.split(rb"^== (\w+)\n", output, flags=re.M)
    return dict(zip((name.decode() for name in parts[1::2]), parts[2::2]))


def shell(machine, command, **options):
    """Runs a command; returns (status, output)."""
    output = bytearray()
    status, _ = boot.command(machine, command, timeout=LIMIT, sink=output.extend, **options)
    return status, bytes(output)


# What Linux 6.1 takes of the rings' and the transport's features (bits 24 to 49), by what the slot
# is: INDIRECT_DESC, EVENT_IDX, VERSION_1, RING_PACKED. It knows neither IN_ORDER nor, on mmio,
# NOTIFICATION_DATA and RING_RESET: nothing here tests those with a stock driver. A legacy slot's
# ANY_LAYOUT (27) is for the network's driver alone to take.
RINGS = {
    "packed": {28, 29, 32, 34},
    "split": {28, 29, 32},
    "legacy": {28, 29},
}


def ring_features(text, who, slots):
    """Checks which features the drivers have taken; slots of the last kind are behind the others."""
    taken = [{bit for bit in range(24, 50) if bit != 27 and line[bit:bit + 1] == b"1"} for line in text.split()]
    wanted = [RINGS[kind] for kind in slots]
    wanted += wanted[-1:] * (len(taken) - len(wanted))
    return who + "stock drivers take the features of %s slots" % " ".join(slots), \
        expect(taken, wanted)


# A CPU did not go on for long: so does the kernel report a host that is busy. A backtrace follows.
STALL = re.compile(r".*(?:soft lockup|workqueue lockup|detected (?:expedited )?stall).*")


def warnings(messages):
    """The kernel's warnings and worse, without what differs from boot to boot."""
    found = set()
    # What is behind a stall cannot be told from its report.
    for level, text in re.findall(r"^<(\d+)>\[[ .\d]+\] (.*)$", STALL.split(messages.decode())[0], re.M):
        # How late an interrupt was is a matter of the host's load.
        if int(level) & 7 <= 4 and not text.startswith("hrtimer: interrupt took"):
            found.add(re.sub(r"0x[0-9a-f]+|[0-9a-f]{8,}", "ADDRESS", text))
    return found


def about_slots(messages):
    """What the kernel says of a Virtio slot, or of an interrupt that no driver wanted. Its backtraces
    name each module there is: they are not meant."""
    return re.findall(r".*(?:virtio-mmio|\.virtio_mmio|nobody cared).*", messages.decode())


def random_data(text):
    data = bytes.fromhex(text.decode())
    return unless(len(data) == 256 and len(set(data)) > 128, "is no random data: %r" % data)


def first_boot(machine, who, **options):
    """Boots FIRST and checks what does not depend on who is below. Returns (sections, checks)."""
    _, output = shell(machine, FIRST, feed=PATTERN, mark=MARK, **options)
    got = sections(output)
    missing = {"received", "messages", "pattern"} - got.keys()
    if missing:
        raise boot.Failure("the guest's script did not come to: %s" % " ".join(missing))
    # The binary part may hold the separator; it is the last, so cut it off as it came.
    got["pattern"] = output.split(b"== pattern\n", 1)[1]
    ids = got["ids"].decode().split()
    said = about_slots(got["messages"])
    stalls = STALL.findall(got["messages"].decode())
    return got, [
        (who + "console: 64 KiB from the host arrive intact",
         expect(got["received"].split()[0].decode(), hashlib.sha256(PATTERN).hexdigest())),
        (who + "console: 64 KiB to the host arrive intact",
         unless(got["pattern"] == PATTERN, "%d bytes came, the first wrong one at %d" % (
             len(got["pattern"]), next((i for i, (a, b) in enumerate(zip(got["pattern"], PATTERN))
                                        if a != b), -1)))),
        (who + "hwrng: gives random data, from virtio",
         random_data(got["hwrng"]) or expect(got["source"].split(b".")[0].strip(), b"virtio_rng")),
        (who + "blk: random copies report no error", expect(got["copies"], b"")),
        (who + "blk: ext4 can be mounted and filled", expect(got["ext4"], b"")),
        (who + "dummy: MMIO-P-15 an empty slot is no device, and silent",
         unless(0 < len(ids) < len(got["nodes"].splitlines()) and "0x0000" not in ids and not said,
                "\n".join(["devices %s in %d slots" % (ids, len(got["nodes"].splitlines())), *said,
                           *(["the host was so busy that a CPU stalled:"] if stalls else []),
                           *stalls]))),
    ]


def host_checks(disk, raw, who):
    """What the host finds in the disk's file."""
    with open(disk, "rb") as file:
        image = file.read()
    yield (who + "blk: the host's file holds what the guest wrote",
           unless(partition(image, RAW) == raw, "the raw partition differs"))
    check = subprocess.run(["/sbin/e2fsck", "-fn", "%s?offset=%d" % (disk, EXT4[0] * SECTOR)],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    yield (who + "blk: the host's e2fsck finds ext4 clean",
           unless(check.returncode == 0, check.stdout.decode()))
