# A dynamic system: a shell that makes, loads and kills guests. The files it finds on the host are in
# a folder of their own.

DYNAMIC := examples/dynamic
INC_$(DYNAMIC) := $(DYNAMIC) $(INC_roots/arm-el2) roots/common/shell
$(foreach f,$(DYNAMIC) roots/common/shell,$(eval $(call compile,arm64,$(f))))
DYNAMIC_OBJECTS := $(call objects,arm64,$(call sources,$(ROOT_arm64) $(DYNAMIC) roots/common/shell))
$(DYNAMIC_OBJECTS): | $(LIBFDT) $(LWIP_LIBRARY)
$(BUILD)/arm-el2/dynamic.elf: $(DYNAMIC_OBJECTS)

DYNAMIC_FILES := $(BUILD)/dynamic
RUN_NEEDS_dynamic = $(DYNAMIC_FILES).ok

# What is there to be opened: stock Linux, and a bare-metal guest.
$(DYNAMIC_FILES).ok: $(INITRAMFS) $(BUILD)/guests/el1.elf $(BUILD)/guests/files.elf $(UBOOT) tools/boot.py
	@mkdir -p $(DYNAMIC_FILES)
	$(Q)ln -sf $$(ls -1 $(abspath $(PKG))/linux-image-arm64/boot/vmlinuz-* | tail -n 1) $(DYNAMIC_FILES)/linux
	$(Q)ln -sf $(abspath $(INITRAMFS)) $(DYNAMIC_FILES)/initramfs
	$(Q)ln -sf $(abspath $(BUILD)/guests/el1.elf) $(DYNAMIC_FILES)/el1.elf
	$(Q)ln -sf $(abspath $(BUILD)/guests/files.elf) $(DYNAMIC_FILES)/files.elf
	$(Q)ln -sf $(abspath $(UBOOT)) $(DYNAMIC_FILES)/u-boot
	@touch $@

lint: $(patsubst %,$(BUILD)/lint/arm64/%.ok,$(wildcard $(DYNAMIC)/*.c roots/common/shell/*.c))

TEST_SYSTEM += tests/system/dynamic
TEST_SYSTEM_NEEDS += $(BUILD)/arm-el2/dynamic.bin $(DYNAMIC_FILES).ok

# A bare-metal guest that uses files of the host by hypercall. It starts as the example of
# docs/new-device.md does.
INC_$(DYNAMIC)/guest := $(DYNAMIC)/guest
$(eval $(call compile,guest-arm64,$(DYNAMIC)/guest))
$(BUILD)/guests/files.elf: $(NEW_DEVICE_GUEST)/guest.ld \
		$(call objects,guest-arm64,$(NEW_DEVICE_GUEST)/start.S $(call sources,$(DYNAMIC)/guest))
	@mkdir -p $(@D)
	$(Q)$(CC_guest-arm64) -nostdlib -static -no-pie -Wl,--build-id=none -T $(filter %.ld,$^) \
		-Wl,-z,noexecstack -Wl,--no-warn-rwx-segments -o $@ $(filter %.o,$^)
