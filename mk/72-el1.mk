# A bare-metal guest that misbehaves, and what becomes of it and of the root: rows 70 to 75 of the
# hostile cases, and the interrupt controller.

EL1 := tests/system/el1
INC_$(EL1) := $(EL1)
$(eval $(call compile,guest-arm64,$(EL1)))

$(BUILD)/guests/el1.elf: $(call objects,guest-arm64,$(call sources,$(EL1))) $(EL1)/el1.ld
	@mkdir -p $(@D)
	$(Q)$(CC_guest-arm64) -nostdlib -static -no-pie -Wl,--build-id=none -T $(filter %.ld,$^) \
		-Wl,-z,noexecstack -Wl,--no-warn-rwx-segments -o $@ $(filter %.o,$^)

TEST_SYSTEM += tests/system/hostile
TEST_SYSTEM_NEEDS += root-linux $(BUILD)/guests/el1.elf
