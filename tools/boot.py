# SPDX-License-Identifier: BSD-2-Clause
"""Boots a guest on QEMU, under our root or on the bare machine, and talks to its console.

For tools/run, tools/initramfs and the system tests. The pieces:

    cpio        the archive format of the initramfs and of the root's bundle
    Machine     what is to boot, and the QEMU command for it
    Console     a running QEMU: write to it, wait for what it says
    command     run one shell command in the guest, between two marks

A command travels in a second small archive behind the initramfs (the kernel unpacks both), so its
length is free and the kernel's command line stays the same.
"""

import fcntl
import glob
import os
import re
import secrets
import select
import selectors
import signal
import socket
import stat
import subprocess
import tempfile
import termios
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(TOP, "build")
PKG = os.path.join(BUILD, "pkg")
ROOT = os.path.join(BUILD, "arm-el2", "linux.bin")
INITRD = os.path.join(BUILD, "initramfs.cpio")
UBOOT = os.path.join(PKG, "u-boot-qemu/usr/lib/u-boot/qemu_arm64/u-boot.bin")

DIRECTORY, FILE, PROGRAM = 0o040755, 0o100644, 0o100755
MIB = 1 << 20


class Failure(Exception):
    """Something the person can mend; the text says what and how."""


class Died(Failure):
    """The guest or the machine ended, or did not end in time."""


def kernel():
    found = sorted(glob.glob(os.path.join(PKG, "linux-image-arm64/boot/vmlinuz-*")))
    if not found:
        raise Failure("there is no kernel in build/pkg: run make setup")
    return found[-1]


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Failure("%s cannot be read: %s" % (path, error.strerror)) from error


def tool(*argv):
    """Runs a program of the host, such as mke2fs; returns what it prints."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, env={**os.environ, "PATH": os.environ["PATH"] + ":/sbin"})
    if done.returncode:
        raise Failure("%s: %s" % (" ".join(argv), done.stdout))
    return done.stdout


def cpio(members):
    """A newc archive of (name, mode, data); equal input gives equal bytes."""
    archive = bytearray()
    for number, (name, mode, data) in enumerate([*members, ("TRAILER!!!", 0, b"")], 1):
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = [number, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        archive += b"070701" + b"".join(b"%08X" % field for field in fields)
        for part in [name.encode() + b"\0", data]:
            archive += part
            archive += bytes(-len(archive) % 4)
    return bytes(archive)


def megabytes(text):
    """A guest RAM size such as 512M or 1G, in MiB."""
    found = re.fullmatch(r"([1-9]\d{0,5})([MG])", text)
    if not found:
        raise Failure("MEM=%s: give a size in megabytes or gigabytes, such as 512M or 1G" % text)
    size = int(found.group(1)) << (10 if found.group(2) == "G" else 0)
    if size % 2:
        raise Failure("MEM=%s: the board's RAM comes in steps of 2 MiB" % text)
    return size


def free_port(port=0):
    """A TCP port of the host's loopback that nobody uses, or this one: OSError if somebody does."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return probe.getsockname()[1]


def forward(port, address, to):
    """For Machine's `network`: the host's `port`, if there is one, leads to that of `address`."""
    return "hostfwd=tcp:127.0.0.1:%d-%s:%d" % (port, address.partition("/")[0], to) if port else True


def check_image(path):
    """Refuses what is no arm64 Image (Linux, Documentation/arm64/booting.rst)."""
    start = read(path)[:64]
    if start[56:60] != b"ARM\x64":
        raise Failure("%s is no arm64 Image: it is %s; give the uncompressed kernel" %
                      (path, "compressed" if start[:2] in (b"\x1f\x8b", b"BZ", b"\xfd7", b"(\xb5")
                       else "something else"))


class Disk:
    """A file that is to be the guest's disk."""

    def __init__(self, path):
        self.path = path
        try:
            if not os.path.lexists(path):
                os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
                with open(path, "xb") as file:
                    file.truncate(64 * MIB)
            with open(path, "rb") as file:
                size = file.seek(0, os.SEEK_END)
                mode = os.stat(path).st_mode
        except OSError as error:
            raise Failure("DISK=%s cannot be used: %s" % (path, error.strerror)) from error
        if size == 0 or size % 512:
            raise Failure("DISK=%s has %d bytes: a disk is a multiple of 512 bytes, at least one; "
                          "mend it with: truncate -s %%512 FILE" % (path, size))
        # The mode too: to the superuser a read-only file is writable.
        self.read_only = not (os.access(path, os.W_OK) and mode & 0o222)

    def argv(self, bus=""):
        # What the guest discards is given back to the host.
        return ["-drive", "if=none,id=disk,format=raw,discard=unmap,file.locking=on,file=%s%s" %
                (os.path.abspath(self.path).replace(",", ",,"), ",readonly=on" if self.read_only else ""),
                "-device", "virtio-blk-device,drive=disk" + bus]


class BootDisk(Disk):
    """A disk with a partition that firmware starts Linux from, by its /extlinux/extlinux.conf.

    `span` is that partition's first sector and number of sectors, on a disk with partitions; without
    it the disk is made new, and has this partition alone.
    """

    def __init__(self, path, span=None):
        if not span:
            span = (2048, 128 * MIB // 512)
            with open(path, "wb") as file:
                file.truncate((span[0] + span[1]) * 512)
                file.seek(446)
                file.write(partition_table([(*span, True)]))
        super().__init__(path)
        self.span = span

    def fill(self, folder, members):
        """Makes the partition's file system with these files, as (name, data)."""
        tree = tempfile.mkdtemp(dir=folder)
        for name, data in members:
            path = os.path.join(tree, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(data)
        tool("mke2fs", "-q", "-F", "-t", "ext2", "-d", tree, "-E", "offset=%d" % (self.span[0] * 512),
             self.path, "%dk" % (self.span[1] // 2))


def partition_table(partitions):
    """The end of a master boot record with these (first sector, sectors, bootable)."""
    entries = b"".join(bytes([0x80 if bootable else 0, 0, 0, 0, 0x83, 0, 0, 0]) +
                       start.to_bytes(4, "little") + count.to_bytes(4, "little")
                       for start, count, bootable in partitions)
    return entries.ljust(64, b"\0") + b"\x55\xaa"


EXTLINUX = """\
default linux
label linux
	kernel /Image
	initrd /initrd
	append %s
"""


class Machine:
    """What is to boot. `native` leaves our root away: the same guest on QEMU's own devices.

    With `firmware`, a flat binary such as U-Boot's, the guest starts with that, and kernel, initramfs
    and command line are on its disk: a BootDisk, or what the caller has put on another.

    With `disk_bus`, a number, the disk stands on that of QEMU's virtio-mmio buses, and all else on the
    first: so the disk can be passed to a guest, with all that shares its page.

    With `members`, a list of (name, path), the root's system makes its guests itself, out of a bundle
    of these files and `mem` of memory. With `files`, a folder, it finds files of the host there, by
    semihosting: it, and each of its guests.
    """

    # pylint: disable=too-many-instance-attributes,too-many-arguments
    def __init__(self, *, gic=3, mem="512M", disk=None, native=False, verbose=False,
                 kernel_file=None, initrd_file=INITRD, append=None, root_options=(), extra=(),
                 entropy=True, network=False, firmware=None, root=None, smp=1, other=None,
                 members=None, files=None, memory_file=None, disk_bus=None):
        if str(gic) not in ("2", "3"):
            raise Failure("GIC=%s: the machine has a GIC of version 2 or 3" % gic)
        self.gic = gic
        self.mem = megabytes(mem)
        if not re.fullmatch("[1-4]", str(smp)):
            raise Failure("SMP=%s: the root uses 1 to 4 CPUs" % smp)
        self.smp = smp
        self.disk = disk
        self.native = native
        self.members = members
        self.disk_bus = disk_bus
        self.memory_file = memory_file  # the machine's memory is there, also when it has ended
        self.root_options = [*([] if verbose else ["quiet"]),
                             *(["kernel=flat"] if firmware else []), *root_options]
        if members is None:
            self.root_options.insert(0, "mem=%dM" % self.mem)
        if files:
            self.root_options += ["semihosting", "index=index"]
        self.firmware = firmware
        self.root = root or ROOT
        self.other = other  # the program of guests beside the first (examples/several)
        self.files = files
        if firmware and native:
            raise Failure("firmware starts on our root only")
        self.kernel = kernel_file or (kernel() if members is None else None)
        self.initrd = read(initrd_file) if initrd_file and members is None else b""
        self.extra = extra  # for QEMU, or what else it runs in
        self.entropy = entropy
        # QEMU's user network, where the host's loopback is 10.0.2.2: a string has more options of it.
        self.network = network
        self.append = append
        if append is None:
            self.append = "console=hvc0 panic=-1 " + (
                "ignore_loglevel earlycon=pl011,0x09000000" if verbose else "quiet")

    def for_gdb(self, port):
        """Arguments that have it wait for gdb."""
        return ["-S", "-gdb", "tcp:127.0.0.1:%d" % port]

    def carry(self, shell_command, mark):
        """Puts a command into the initramfs."""
        self.initrd += bytes(-len(self.initrd) % 4) + cpio([("vio", DIRECTORY, b""),
                             ("vio/command", FILE, shell_command.encode() + b"\n"),
                             ("vio/mark", FILE, mark.encode())])

    def bundle(self):
        """The archive that the root loads its guest from."""
        if self.members is not None:
            # A command travels behind the initramfs.
            return cpio([(name, FILE, read(path) + (self.initrd if path == INITRD else b""))
                         for name, path in self.members])
        members = [("kernel", FILE, read(self.firmware or self.kernel))]
        if self.initrd and not self.firmware:
            members.append(("initrd", FILE, self.initrd))
        if self.other:
            members.append(("other", FILE, read(self.other)))
        return cpio(members)

    def semihosting(self):
        """The command's beginning: where QEMU is to find files, which it lists there in `index`."""
        if not self.files:
            return ["qemu-system-aarch64"]
        with open(os.path.join(self.files, "index"), "w", encoding="ascii") as file:
            file.write("".join(name + "\n" for name in sorted(os.listdir(self.files))
                               if name != "index" and name.isascii()))
        return ["env", "-C", self.files, "qemu-system-aarch64",
                "-semihosting-config", "enable=on,target=native"]

    def argv(self, folder, interactive=False):
        """The QEMU command, with its files made in `folder`."""
        if isinstance(self.disk, BootDisk):
            self.disk.fill(folder, [("Image", read(self.kernel)), ("initrd", self.initrd), (
                "extlinux/extlinux.conf", (EXTLINUX % self.append).encode())])
        common = [*self.semihosting(), *self.extra, "-nodefaults", "-display", "none", "-no-reboot",
                  "-smp", str(self.smp), "-cpu", "cortex-a57", "-global", "virtio-mmio.force-legacy=false",
                  "-chardev", "stdio,id=tty,signal=off" + (",mux=on" if interactive else "")]
        if interactive:
            common += ["-mon", "chardev=tty"]
        disk_bus, rng_bus, net_bus = (
            "" if self.disk_bus is None else ",bus=virtio-mmio-bus.%d" % bus
            for bus in (self.disk_bus, 0, 1))
        devices = self.disk.argv(disk_bus) if self.disk else []
        if self.entropy:
            devices += ["-device", "virtio-rng-device" + rng_bus]
        if self.network:
            more = "," + self.network if isinstance(self.network, str) else ""
            devices += ["-netdev", "user,id=net" + more,
                        "-device", "virtio-net-device,netdev=net,id=card" + net_bus]
        if self.native:
            initrd = os.path.join(folder, "initrd")
            with open(initrd, "wb") as file:
                file.write(self.initrd)
            return common + devices + [
                "-M", "virt,gic-version=%s" % self.gic, "-m", "%dM" % self.mem,
                "-kernel", self.kernel, "-append", self.append,
                *(["-initrd", initrd] if self.initrd else []),
                "-device", "virtio-serial-device", "-device", "virtconsole,chardev=tty"]
        bundle = os.path.join(folder, "bundle")
        with open(bundle, "wb") as file:
            size = file.write(self.bundle())
        if not os.path.exists(self.root):
            raise Failure("%s is not there: run make %s" %
                          (self.root, os.path.relpath(self.root, TOP)))
        # QEMU puts the bundle 128 MiB into RAM, its device tree behind that on a 2 MiB boundary;
        # the guest's RAM is what follows, on another.
        mem = self.mem + 128 + 8 + -(-size // MIB)
        machine = "virt,virtualization=on,gic-version=%s" % self.gic
        if self.memory_file:
            machine += ",memory-backend=memory"
            common += ["-object", "memory-backend-file,id=memory,size=%dM,share=on,mem-path=%s" %
                       (mem, self.memory_file)]
        return common + devices + [
            "-M", machine, "-m", "%dM" % mem,
            "-kernel", self.root, "-initrd", bundle, "-serial", "chardev:tty",
            "-append", " ".join(self.root_options) + " -- " + self.append]


VZ_MACHINE = os.path.join(BUILD, "tools/mips-vz-machine")
MIPS_MEMORY = 256  # MiB of the machine: as much as the root reaches


class MipsMachine(Machine):
    """The same on the MIPS root, which finds its bundle and the guest's disk as files of the host.

    The machine has a UART and no other device that is used: QEMU's Malta has it third. Its core is
    QEMU's P5600, or with `vz` the one of tools/mips-vz-machine, which has the VZ ASE.
    """

    def __init__(self, *, vz=False, endian="little", mem="128M", kernel_file=None, initrd_file=None, append=None,
                 verbose=False, root=None, **more):
        big = endian == "big"
        self.vz = vz
        self.target = "mips" if big else "mipsel"
        self.system = os.path.join(BUILD, "mips-vz-be" if big else "mips-vz")
        if append is None:
            append = "console=hvc0 panic=-1 " + ("ignore_loglevel earlycon" if verbose else "quiet")
        super().__init__(
            mem=mem, verbose=verbose, append=append,
            kernel_file=kernel_file or os.path.join(BUILD, "mips-kernel/vmlinux-" + self.target),
            initrd_file=initrd_file or os.path.join(BUILD, "initramfs-%s.cpio" % self.target),
            root=root or os.path.join(self.system, "mips.elf"), **more)

    def for_gdb(self, port):
        return ["--gdb", str(port)] if self.vz else super().for_gdb(port)

    def argv(self, folder, interactive=False):
        options = ["bundle=" + os.path.join(folder, "bundle"), "ram=%dM" % MIPS_MEMORY,
                   *self.root_options]
        with open(os.path.join(folder, "bundle"), "wb") as file:
            file.write(self.bundle())
        if self.disk:
            # By a name without spaces.
            os.symlink(os.path.abspath(self.disk.path), os.path.join(folder, "disk"))
            options.append("disk=" + os.path.join(folder, "disk"))
            if self.disk.read_only:
                options.append("read-only")
        if not os.path.exists(self.root):
            raise Failure("%s is not there: run make root-mips" % self.root)
        line = " ".join(options) + " -- " + self.append
        if self.vz:
            kept = ["--memory-file", self.memory_file] if self.memory_file else []
            return [VZ_MACHINE, *self.extra, *kept, "--memory", "%dM" % MIPS_MEMORY, self.root, line]
        kept = ["-object", "memory-backend-file,id=memory,size=%dM,share=on,mem-path=%s" %
                (MIPS_MEMORY, self.memory_file)] if self.memory_file else []
        return ["qemu-system-" + self.target, *self.extra, "-nodefaults", "-display", "none",
                "-no-reboot", *kept, "-M", "malta" + (",memory-backend=memory" if kept else ""), "-cpu", "P5600", "-m", "%dM" % MIPS_MEMORY,
                "-chardev", "stdio,id=tty,signal=off" + (",mux=on" if interactive else ""),
                *(["-mon", "chardev=tty"] if interactive else []),
                "-serial", "null", "-serial", "null", "-serial", "chardev:tty",
                "-semihosting-config", "enable=on,target=native,arg=root,arg=" +
                line.replace(",", ",,"),
                "-device", "loader,addr=0x1fc00480,file=" + os.path.join(self.system, "debug.rom"),
                "-kernel", self.root]


class Console:
    """A running QEMU and what it has said so far (`log`)."""

    running = set()

    def __init__(self, argv, timeout):
        self.deadline = time.monotonic() + timeout
        self.timeout = timeout
        self.log = b""
        self.writer = None
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.running.add(self.process)
        # QEMU's own Virtio console drops what does not fit.
        fcntl.fcntl(self.process.stdout, fcntl.F_SETPIPE_SZ, MIB)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.running.discard(self.process)
        self.selector.close()

    @classmethod
    def end_all(cls, *_):
        """For a signal that ends us: no machine stays behind."""
        for process in list(cls.running):
            process.kill()
        os._exit(1)  # the other threads would go on with their next machine

    def write(self, data):
        """Sends bytes, as fast as the guest takes them, in order, without waiting for that."""
        before = self.writer

        def send():
            if before:
                before.join()
            try:
                self.process.stdin.write(data)
                self.process.stdin.flush()
            except (BrokenPipeError, ValueError):
                pass  # the machine is gone: the reading side tells
        self.writer = threading.Thread(target=send, daemon=True)
        self.writer.start()

    def read(self):
        """Some more bytes; none at the end of the machine."""
        left = self.deadline - time.monotonic()
        if left <= 0 or not self.selector.select(left):
            raise Died("the guest has not finished after %d seconds%s" %
                       (self.timeout, self.last_words()))
        data = os.read(self.process.stdout.fileno(), 65536)
        self.log += data
        return data

    def expect(self, pattern, start=0, what=None):
        """Reads until the log matches from `start` on; returns the match. `what` says it."""
        while True:
            found = re.compile(pattern, re.S).search(self.log, start)
            if found:
                return found
            if not self.read():
                raise Died("the machine ended before %s%s" %
                           (what or "it said " + pattern.decode(), self.last_words()))

    def wait(self):
        """Reads until the machine has powered off."""
        while self.read():
            pass
        status = self.process.wait()
        if status:
            raise Died("QEMU ended with status %d%s" % (status, self.last_words()))

    def last_words(self):
        text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1e[^\n]*\n|[^\n\x20-\x7e]", b"", self.log).decode()
        lines = [line for line in text.splitlines() if line.strip()][-40:]
        if not lines:
            return "; it had said nothing"
        return "; its last words:\n" + "\n".join("  | " + line for line in lines)


# pylint: disable=too-many-arguments,too-many-locals
def command(machine, shell_command, *, timeout, sink=lambda data: None, feed=None, mark=None,
            before=lambda console: None):
    """Runs a command in the guest's shell and powers off.

    Its output goes to `sink` as it comes; `feed` is what the guest's /dev/hvc0 gets meanwhile.
    `before` is given the console first: who has to talk to firmware does it there. Returns (exit
    status, everything the machine said).
    """
    mark = mark or secrets.token_hex(8)
    machine.carry(shell_command, mark)
    begin = b"\x1e%s begin\n" % mark.encode()
    end = re.compile(rb"\x1e%s end (\d+)\n" % mark.encode())
    with tempfile.TemporaryDirectory(prefix="vio-") as folder, \
            Console(machine.argv(folder), timeout) as console:
        before(console)
        position = console.expect(re.escape(begin), what="its guest was up").end()
        if feed is not None:
            console.write(feed)
        found = None
        while not found:
            found = end.search(console.log, position)
            # What may be the start of a mark is held back.
            last = console.log.rfind(b"\x1e", position)
            stop = found.start() if found else last if last >= 0 else len(console.log)
            if len(console.log) - stop > 64 and not found:
                stop = len(console.log)
            if stop > position:
                sink(console.log[position:stop])
                position = stop
            if not found and not console.read():
                raise Died("the guest ended before its command did%s" % console.last_words())
        console.wait()
        return int(found.group(1)), console.log


def interact(argv):
    """Gives the terminal to the machine until that ends; returns QEMU's exit status."""
    terminal = termios.tcgetattr(0) if os.isatty(0) else None
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with subprocess.Popen(argv) as process:
        if terminal:
            gone = select.poll()
            gone.register(0, 0)  # reports nothing but the end of the terminal
            threading.Thread(target=lambda: gone.poll() and process.terminate(),
                             daemon=True).start()
        try:
            return process.wait()
        finally:
            if terminal:  # QEMU puts it back too, unless it is killed
                termios.tcsetattr(0, termios.TCSADRAIN, terminal)
