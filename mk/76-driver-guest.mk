# A Linux guest that drives the machine's disk, and another whose disk it serves.

DRIVER_GUEST := examples/driver-guest
INC_$(DRIVER_GUEST) := $(DRIVER_GUEST) $(INC_roots/arm-el2)
$(eval $(call compile,arm64,$(DRIVER_GUEST)))

$(BUILD)/arm-el2/driver-guest.elf: $(call objects,arm64,$(call sources,$(ROOT_arm64) $(DRIVER_GUEST)))

$(BUILD)/driver-guest/disk-server: $(DRIVER_GUEST)/linux/disk-server.c $(LINUX_PROGRAM) \
		roots/common/drivers/remote_disk_ring.h
	@mkdir -p $(@D)
	$(Q)$(CC_linux-program) -Iroots/common/drivers -o $@ $(filter %.c,$^)
$(BUILD)/driver-guest/driver.cpio: $(BUILD)/driver-guest/disk-server $(INITRAMFS)
	@tools/initramfs --start 'while :; do /vio/disk-server /dev/vda; sleep 1; done &' --with $< $@
$(BUILD)/driver-guest/client.cpio: $(INITRAMFS)
	@mkdir -p $(@D)
	@tools/initramfs --start 'until [ "$$(cat /sys/block/vda/size)" != 0 ]; do sleep 0.1; done' $@

RUN_NEEDS_driver-guest = $(BUILD)/driver-guest/driver.cpio $(BUILD)/driver-guest/client.cpio

TEST_SYSTEM += tests/system/driver-guest
TEST_SYSTEM_NEEDS += $(BUILD)/arm-el2/driver-guest.bin $(RUN_NEEDS_driver-guest)
