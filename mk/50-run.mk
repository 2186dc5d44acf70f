# A system on the root, in QEMU: by default stock Debian Linux as the only guest.

# One row a system: what make builds for it beside its root, build/arm-el2/SYSTEM.bin. Fragments of
# systems have theirs; tools/run has the other half, how it is started.
SYSTEM ?= linux
RUN_NEEDS_linux = $(INITRAMFS) $(if $(FIRMWARE),$(UBOOT))
SYSTEMS = $(filter-out ROOT_%,$(sort $(patsubst RUN_NEEDS_%,%,$(filter RUN_NEEDS_%,$(.VARIABLES)))))
ROOT ?= arm
check-system = $(if $(filter arm mips mips-vz,$(ROOT)),,$(error ROOT=$(ROOT): the roots are arm, mips and mips-vz))$(if $(filter $(SYSTEM),$(SYSTEMS)),,\
	$(error SYSTEM=$(SYSTEM): there is no such system, but $(SYSTEMS)))

GIC ?= 3
ifeq ($(FIRMWARE),)
DISK ?= $(BUILD)/disk.img
endif
TIMEOUT ?= 300
VERBOSE ?= 0

## make run              boot stock Debian Linux on VIO and be at its shell; poweroff ends it
##     ROOT=mips           on the MIPS root, with a kernel built for it (some minutes, the first time);
##                         ENDIAN=big the big-endian one
##     ROOT=mips-vz        the same in guest mode of the VZ ASE, on a simulated core that has it;
##                         CORE=m5150 on one in the manner of an M5150, CORE=help lists what there is
##     SYSTEM=name         another system of examples/; make run SYSTEM=? lists them
##     DTS=file            the tree of SYSTEM=static (examples/static/static.dts)
##     GIC=2|3             version of the interrupt controller (3)
##     DISK=file           what is behind /dev/vda (build/disk.img; made, 64 MiB, if it is not there)
##     MEM=size            the guest's RAM (512M), or that of all guests together
##     CPUS=n              the guest's vCPUs, 1 to 4 (1)
##     SMP=n               the machine's CPUs, 1 to 4 (1): vCPUs run on all of them,
##     PIN=n,n...          or each on this one only, from 0
##     NET=off|MAC         no network; or the guest's address on it
##     PAGE=port           the host's port where the root shows its status (8080, or a free one)
##     CMD='...'           run this in the guest's shell: prints its output, exits with its status
##     VIRTIO=split|legacy the slots have no packed rings; or are virtio-mmio version 1
##     KERNEL=file         another arm64 Image; INITRD=file another initramfs (an uncompressed cpio)
##     FIRMWARE=u-boot     start with U-Boot (or another flat binary: a file), which finds kernel and
##                         initramfs on a disk made for it, or boots what is on your DISK
##     TRACE=file          a timeline of what the root did: .json for chrome://tracing, or .svg
##     TIMEOUT=seconds     until CMD is given up (300)
##     VERBOSE=1           show all that the root and the kernel say

# A dollar sign in these is the guest's, not make's.
override CMD := $(value CMD)
override DISK := $(subst $$(BUILD),$(BUILD),$(value DISK))
export CMD DISK

RUN := tools/run $(RUN_OPTIONS) --root '$(ROOT)' --endian '$(ENDIAN)' --system '$(SYSTEM)' --gic '$(GIC)' --timeout '$(TIMEOUT)' \
	$(if $(MEM),--mem '$(MEM)') $(if $(DISK),--disk "$$DISK") $(if $(FIRMWARE),--firmware '$(FIRMWARE)') \
	$(if $(NET),--net '$(NET)') $(if $(PAGE),--page '$(PAGE)') $(if $(CPUS),--option 'cpus=$(CPUS)') \
	$(if $(CORE),--core '$(CORE)') $(if $(SMP),--smp '$(SMP)') $(if $(PIN),--option 'pin=$(PIN)') \
	$(if $(TRACE),--trace '$(TRACE)') $(if $(VIRTIO),--option 'virtio=$(VIRTIO)') \
	$(if $(KERNEL),--kernel '$(KERNEL)') $(if $(INITRD),--initrd '$(INITRD)') \
	$(if $(filter 1,$(VERBOSE)),--verbose) $(if $(CMD),--cmd "$$CMD")

# make's own exit status for a failed recipe is always 2. So the recipe leaves the status of the
# command in a file, and make ends with that by a function that we add to it (tools/make_exit.c).
RUN_STATUS := $(BUILD)/run.status
ifneq ($(filter run debug,$(MAKECMDGOALS)),)
-load $(BUILD)/make_exit.so
endif
$(BUILD)/make_exit.so: tools/make_exit.c | $(BUILD)/setup.mk
	@mkdir -p $(@D)
	$(Q)gcc -O1 -Wall -Wextra -Werror -shared -fPIC -o $@ $<

## make debug            the same machine, halted, with gdb attached; its console in build/debug.log
.PHONY: debug
debug: RUN_OPTIONS += --debug
debug: boot-guest
	$(call end-make,$(file <$(RUN_STATUS)))

end-make = $(if $(filter-out 0,$1),$(exit-with $1)@exit $1)

.PHONY: run boot-guest
.SECONDEXPANSION:
RUN_NEEDS_ROOT_arm = $(BUILD)/arm-el2/$(SYSTEM).bin $(RUN_NEEDS_$(SYSTEM))
boot-guest: $$(check-system) $$(RUN_NEEDS_ROOT_$$(ROOT))
	@$(RUN); echo $$? >$(RUN_STATUS)
run: boot-guest
	$(call end-make,$(file <$(RUN_STATUS)))

# For those who start QEMU by hand: what `-initrd` takes.
$(BUILD)/arm-el2/linux.bundle: $(INITRAMFS) tools/run tools/boot.py
	@mkdir -p $(@D)
	@tools/run --bundle $@
