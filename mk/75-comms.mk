# Guests that talk to each other: bare metal to bare metal, Linux to bare metal.

COMMS := examples/comms
INC_$(COMMS) := $(COMMS) $(INC_roots/arm-el2)
INC_$(COMMS)/bare := $(COMMS)/bare $(COMMS)
$(eval $(call compile,arm64,$(COMMS)))
$(eval $(call compile,guest-arm64,$(COMMS)/bare))

$(BUILD)/arm-el2/comms.elf: $(call objects,arm64,$(call sources,$(ROOT_arm64) $(COMMS)))

# It starts as the example of docs/new-device.md does.
COMMS_BARE := $(BUILD)/guests/comms.elf
$(COMMS_BARE): $(NEW_DEVICE_GUEST)/guest.ld $(call objects,guest-arm64,$(NEW_DEVICE_GUEST)/start.S \
		$(call sources,$(COMMS)/bare))
	@mkdir -p $(@D)
	$(Q)$(CC_guest-arm64) -nostdlib -static -no-pie -Wl,--build-id=none -T $(filter %.ld,$^) \
		-Wl,-z,noexecstack -Wl,--no-warn-rwx-segments -o $@ $(filter %.o,$^)

# What programs of Linux guests share.
LINUX_PROGRAM := $(wildcard examples/linux-program/*)
CC_linux-program := aarch64-linux-gnu-gcc -std=gnu11 -O2 -static -Wall -Wextra -Werror -Iexamples/linux-program

# Linux' initramfs with the program, which its init starts before the shell.
$(BUILD)/comms/comms: $(COMMS)/linux/comms.c $(LINUX_PROGRAM) $(wildcard $(COMMS)/*.h)
	@mkdir -p $(@D)
	$(Q)$(CC_linux-program) -I$(COMMS) -o $@ $(filter %.c,$^)
COMMS_INITRAMFS := $(BUILD)/comms/initramfs.cpio
$(COMMS_INITRAMFS): $(INITRAMFS) $(BUILD)/comms/comms
	@tools/initramfs --start /vio/comms --with $(BUILD)/comms/comms $@

RUN_NEEDS_comms = $(COMMS_BARE) $(COMMS_INITRAMFS)

TEST_SYSTEM += tests/system/comms
TEST_SYSTEM_NEEDS += $(BUILD)/arm-el2/comms.bin $(RUN_NEEDS_comms)
