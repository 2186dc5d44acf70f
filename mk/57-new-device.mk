# A device of your own (tools/new-device), and the finished one of docs/new-device.md, which stands
# in a folder of its own: device, board and the bare-metal guest that drives it.

## make new-device NAME=widget   copy the template under that name, put it on the board, test it
.PHONY: new-device run-new-device
new-device:
	+@tools/new-device '$(NAME)'

NEW_DEVICE := examples/new-device
HOST_SOURCES += $(NEW_DEVICE)/vio_checksum.c
INC_$(NEW_DEVICE) := $(NEW_DEVICE) $(INC_examples/linux)
$(BUILD)/host/tests/unit/%.o: INC_host += $(NEW_DEVICE)

# The system is that of examples/linux with other devices in the free slots.
NEW_DEVICE_OBJECTS := $(filter-out %/devices.o,$(LINUX_OBJECTS)) \
	$(call objects,arm64,$(wildcard $(NEW_DEVICE)/*.c))
$(eval $(call compile,arm64,$(NEW_DEVICE)))
$(BUILD)/arm-el2/new-device.elf: $(NEW_DEVICE_OBJECTS)

# The guest: one core, EL1, linked where the board's RAM is.
NEW_DEVICE_GUEST := $(NEW_DEVICE)/guest
CC_guest-arm64 := aarch64-linux-gnu-gcc
CFLAGS_guest-arm64 := -std=c11 -O2 -ffreestanding -fno-common -mgeneral-regs-only -fno-stack-protector \
	-fno-pic -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns $(WARNINGS)
INC_$(NEW_DEVICE_GUEST) := $(NEW_DEVICE) $(INC_vio/driver)
GUEST_FOLDERS := $(NEW_DEVICE_GUEST) vio/driver
$(foreach f,$(GUEST_FOLDERS),$(eval $(call compile,guest-arm64,$(f))))
NEW_DEVICE_GUEST_OBJECTS := $(call objects,guest-arm64,$(call sources,$(GUEST_FOLDERS)))

$(BUILD)/guests/new-device.elf: $(NEW_DEVICE_GUEST_OBJECTS) $(NEW_DEVICE_GUEST)/guest.ld
	@mkdir -p $(@D)
	$(Q)$(CC_guest-arm64) -nostdlib -static -no-pie -Wl,--build-id=none -T $(filter %.ld,$^) \
		-Wl,-z,noexecstack -Wl,--no-warn-rwx-segments -o $@ $(filter %.o,$^)

NEW_DEVICE_SYSTEM := $(BUILD)/arm-el2/new-device.bin $(BUILD)/guests/new-device.elf
TEST_SYSTEM += tests/system/new-device
TEST_SYSTEM_NEEDS += $(NEW_DEVICE_SYSTEM)

## make run-new-device   boot the example of docs/new-device.md: a bare-metal guest and its device
run-new-device: $(NEW_DEVICE_SYSTEM)
	@tests/system/new-device --show
