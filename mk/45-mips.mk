# The MIPS root and its system: build/mips-vz/mips.elf, little-endian, or with ENDIAN=big
# build/mips-vz-be/mips.elf.

MIPS_FLAGS := -std=c11 -O2 -flto=auto -g -march=mips32r2 -msoft-float -U__mips_soft_float -D__mips_hard_float -mno-abicalls -fno-pic -G0 \
	-ffreestanding -fno-common -ffunction-sections -fdata-sections -fomit-frame-pointer -fno-stack-protector -mno-check-zero-division \
	-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns $(WARNINGS) -Wno-unused-parameter
CC_mips-vz := mipsel-linux-gnu-gcc
CC_mips-vz-be := mips-linux-gnu-gcc
CFLAGS_mips-vz = $(MIPS_FLAGS)
CFLAGS_mips-vz-be = $(MIPS_FLAGS)

# Device trees by the kernel's copy of libfdt, which is there for any byte order.
LINUX_SOURCE := $(PKG)/linux-source-6.1
FDT_SOURCE := $(LINUX_SOURCE)/scripts/dtc/libfdt
FDT_PARTS := fdt fdt_ro fdt_wip fdt_sw fdt_rw

ROOT_mips := roots/mips-vz roots/common roots/common/net roots/common/drivers hv-glue/mips-vz transports/mmio vio/board \
	vio/devices vio/switch vio/driver vio/core
SYSTEM_mips := examples/mips
INC_examples/mips := examples/mips $(INC_roots/mips-vz) roots/common/net $(LWIP_INC)
# What drives hardware that this machine does not have.
MIPS_SKIP := $(addprefix roots/common/net/,lan.c status.c status_page.S) roots/common/machine.c roots/common/hardware.c \
	$(patsubst %,roots/common/drivers/%.c,pl011 pl031 virtio_blk virtio_net virtio_probe virtio_rng disk_slice)
# Bytes of text and data, without lwIP: a core that this root is for may have 512 KiB of memory in all.
MIPS_SIZE_MAX := 0x20000

sources = $(wildcard $(addsuffix /*.c,$(1)) $(addsuffix /*.S,$(1)))
MIPS_SOURCES := $(filter-out $(MIPS_SKIP),$(call sources,$(ROOT_mips) $(SYSTEM_mips)))

# $(call mips,TARGET,OBJCOPY PREFIX)
define mips
INC_$(1) := $(FDT_SOURCE)
$$(foreach f,$(ROOT_mips) $(SYSTEM_mips),$$(eval $$(call compile,$(1),$$(f))))
$$(call objects,$(1),$(MIPS_SOURCES)): | $(PKG)/ok $(LINUX_SOURCE)/ok
$$(BUILD)/$(1)/fdt/%.o: | $(LINUX_SOURCE)/ok
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(filter-out -std% -flto% $(WARNINGS),$$(CFLAGS_$(1))) -std=gnu11 -I$(FDT_SOURCE) -c -o $$@ \
		$(FDT_SOURCE)/$$*.c
$$(BUILD)/$(1)/lwip/%.o: roots/common/net/lwipopts.h roots/common/net/arch/cc.h roots/common/net/lwip_hooks.h | $(PKG)/ok
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(filter-out -flto% $(WARNINGS),$$(CFLAGS_$(1))) -Iroots/common/net -I$(LWIP_INC) \
		-c -o $$@ $(LWIP)/$$*.c
$$(BUILD)/$(1)/liblwip.a: $(LWIP_SOURCES:%=$$(BUILD)/$(1)/lwip/%.o)
	$$(Q)rm -f $$@ && mipsel-linux-gnu-ar rc $$@ $$^
$$(BUILD)/$(1)/mips.elf: $$(call objects,$(1),$(MIPS_SOURCES)) $(FDT_PARTS:%=$$(BUILD)/$(1)/fdt/%.o) \
		$$(BUILD)/$(1)/liblwip.a roots/mips-vz/root.ld
	$$(Q)$$(CC_$(1)) $$(CFLAGS_$(1)) -nostdlib -static -no-pie -Wl,--build-id=none,--gc-sections \
		-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments,--defsym=size_max=$(MIPS_SIZE_MAX) -T roots/mips-vz/root.ld -o $$@ \
		$$(filter %.o,$$^) $$(BUILD)/$(1)/liblwip.a
endef
$(foreach t,mips-vz mips-vz-be,$(eval $(call mips,$(t))))

# What is to be at the debug vector in the boot ROM (vectors.S).
$(BUILD)/%/debug.rom: $(BUILD)/%/mips.elf
	$(Q)mipsel-linux-gnu-objcopy -O binary -j .rom --set-section-flags .rom=alloc,contents $< $@

# The kernel and the programs of a guest.
MIPS_KERNEL := $(BUILD)/mips-kernel/vmlinux-
$(MIPS_KERNEL)%: tools/mips-kernel.config | $(LINUX_SOURCE)/ok
	@tools/mips-kernel $* $@
.PRECIOUS: $(MIPS_KERNEL)%

$(LINUX_SOURCE)/ok: tools/fetch | $(BUILD)/setup.mk
	@tools/fetch mips
	@touch $@

MIPS_BUSYBOX := $(PKG)/busybox-static-mipsel/bin/busybox
MIPS_BUSYBOX_BIG := $(BUILD)/mips-kernel/busybox-mips
MIPS_INITRAMFS_NEEDS := tools/initramfs tools/guest-init tools/guest-dhcp tools/boot.py
$(BUILD)/initramfs-mipsel.cpio: $(MIPS_INITRAMFS_NEEDS) | $(LINUX_SOURCE)/ok
	@tools/initramfs $@ --busybox $(MIPS_BUSYBOX)
$(BUILD)/initramfs-mips.cpio: $(MIPS_INITRAMFS_NEEDS) $(MIPS_BUSYBOX_BIG)
	@tools/initramfs $@ --busybox $(MIPS_BUSYBOX_BIG)
$(MIPS_BUSYBOX_BIG): tools/mips-busybox | $(LINUX_SOURCE)/ok
	@tools/mips-busybox $@

# A bare-metal guest, for tests: build/guests/bare-mipsel.elf and -mips.elf.
BARE_MIPS := tests/system/mips/bare
INC_$(BARE_MIPS) := $(BARE_MIPS) $(INC_vio/driver)
define bare
CC_guest-$(1) := $(1)-linux-gnu-gcc
CFLAGS_guest-$(1) = $(filter-out -flto%,$(MIPS_FLAGS))
$$(foreach f,$(BARE_MIPS) vio/driver,$$(eval $$(call compile,guest-$(1),$$(f))))
$$(BUILD)/guests/bare-$(1).elf: $$(call objects,guest-$(1),$$(call sources,$(BARE_MIPS) vio/driver)) \
		$(BARE_MIPS)/bare.ld
	@mkdir -p $$(@D)
	$$(Q)$$(CC_guest-$(1)) $$(CFLAGS_guest-$(1)) -nostdlib -static -no-pie -Wl,--build-id=none \
		-Wl,--no-warn-rwx-segments -T $(BARE_MIPS)/bare.ld -o $$@ $$(filter %.o,$$^)
endef
$(foreach m,mipsel mips,$(eval $(call bare,$(m))))

# Programs for tests in Linux.
MIPS_PROGRAMS := $(foreach m,mipsel mips,$(addprefix $(BUILD)/tests/,clear-$(m) echo-$(m)))
define mips_program
$$(BUILD)/tests/%-$(1): tests/system/%.c
	@mkdir -p $$(@D)
	$$(Q)$(1)-linux-gnu-gcc -std=gnu11 -O2 -static -Wall -Wextra -Werror -o $$@ $$<
endef
$(foreach m,mipsel mips,$(eval $(call mips_program,$(m))))

# By byte order: the root, and what its Linux guest is made of.
ROOT_MIPS_little := $(BUILD)/mips-vz/mips.elf $(BUILD)/mips-vz/debug.rom
ROOT_MIPS_big := $(BUILD)/mips-vz-be/mips.elf $(BUILD)/mips-vz-be/debug.rom
LINUX_MIPS_little := $(MIPS_KERNEL)mipsel $(BUILD)/initramfs-mipsel.cpio
LINUX_MIPS_big := $(MIPS_KERNEL)mips $(BUILD)/initramfs-mips.cpio

.PHONY: root-mips
root-mips: $(ROOT_MIPS_little) $(ROOT_MIPS_big)

ENDIAN ?= little
RUN_NEEDS_ROOT_mips = $(if $(ROOT_MIPS_$(ENDIAN)),,$(error ENDIAN=$(ENDIAN): it is little or big)) \
	$(ROOT_MIPS_$(ENDIAN)) $(LINUX_MIPS_$(ENDIAN))
RUN_NEEDS_ROOT_mips-vz = $(RUN_NEEDS_ROOT_mips) vz-machine

TEST_SYSTEM += tests/system/mips/run
TEST_SYSTEM_NEEDS += $(ROOT_MIPS_little) $(LINUX_MIPS_little) $(BUILD)/guests/bare-mipsel.elf \
	$(ROOT_MIPS_big) $(LINUX_MIPS_big) $(BUILD)/guests/bare-mips.elf $(MIPS_PROGRAMS)

# Small where it is not often.
$(foreach t,mips-vz mips-vz-be,$(foreach f,roots/common examples/mips vio/board vio/switch fdt,$(BUILD)/$(t)/$(f)/%.o) \
	$(addprefix $(BUILD)/$(t)/roots/mips-vz/,board.o cache.o init.o irq.o report.o trap_trace.o uhi.o vz_cp0.o) \
	$(addprefix $(BUILD)/$(t)/vio/core/,vio_device.o vio_split_legacy_big.o vio_state.o) \
	$(addprefix $(BUILD)/$(t)/vio/devices/,vio_console.o vio_console_ports.o vio_net.o vio_rng.o) $(BUILD)/$(t)/transports/mmio/vio_mmio_legacy.o): \
	MIPS_FLAGS += -Os

# What the compiler itself calls has to be there when all else has been optimised together.
$(foreach t,mips-vz mips-vz-be,$(BUILD)/$(t)/roots/mips-vz/arithmetic.o $(BUILD)/$(t)/roots/mips-vz/memory.o): \
	MIPS_FLAGS += -fno-lto

# lwIP's port is counted with lwIP (root.ld), so it has to be a file of its own at the end.
$(foreach t,mips-vz mips-vz-be,$(BUILD)/$(t)/roots/common/net/%.o): MIPS_FLAGS += -fno-lto

# clang's opinion of it, as a MIPS compiler.
lint: $(patsubst %,$(BUILD)/lint/mips/%.ok,$(wildcard roots/mips-vz/*.c examples/mips/*.c))
$(BUILD)/lint/mips/%.c.ok: %.c $(wildcard roots/*/*.h) .clang-tidy | $(LINUX_SOURCE)/ok
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- --target=mipsel-linux-gnu -march=mips32r2 -std=c11 -ffreestanding \
		$(WARNINGS) -Wno-unused-parameter \
		$(addprefix -I,$(INC_$(patsubst %/,%,$(dir $<))) $(FDT_SOURCE)) \
		-isystem /usr/mipsel-linux-gnu/include 2>/dev/null >$@.log || { cat $@.log; exit 1; }
	@touch $@
