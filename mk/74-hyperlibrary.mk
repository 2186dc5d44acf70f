# Hyperlibraries: functions of the root that a guest calls, in the system of examples/linux; a
# bare-metal guest calls them.

HYPERLIBRARY := examples/hyperlibrary
HYPERLIBRARY_OUT := $(BUILD)/hyperlibrary
INC_$(HYPERLIBRARY) := $(HYPERLIBRARY) $(INC_examples/linux)
INC_$(HYPERLIBRARY)/library := $(INC_roots/common)
INC_$(HYPERLIBRARY)/guest := $(HYPERLIBRARY)/library
$(foreach f,$(HYPERLIBRARY) $(HYPERLIBRARY)/library,$(eval $(call compile,arm64,$(f))))
$(eval $(call compile,guest-arm64,$(HYPERLIBRARY)/guest))

HYPERLIBRARY_FUNCTIONS := $(call objects,arm64,$(wildcard $(HYPERLIBRARY)/library/*.c))
$(HYPERLIBRARY_OUT)/root.c: tools/hyperlibrary $(HYPERLIBRARY_FUNCTIONS)
	@mkdir -p $(@D)
	$(Q)tools/hyperlibrary --root $@ --guest $(@D)/guest.S $(HYPERLIBRARY_FUNCTIONS)
$(HYPERLIBRARY_OUT)/guest.S: $(HYPERLIBRARY_OUT)/root.c ;
$(HYPERLIBRARY_OUT)/root.o: $(HYPERLIBRARY_OUT)/root.c
	$(Q)$(CC_arm64) $(CFLAGS_arm64) $(addprefix -I,$(INC_roots/common)) -c -o $@ $<
$(HYPERLIBRARY_OUT)/guest.o: $(HYPERLIBRARY_OUT)/guest.S
	$(Q)$(CC_guest-arm64) $(CFLAGS_guest-arm64) -c -o $@ $<

$(BUILD)/arm-el2/hyperlibrary.elf: $(filter-out %/examples/linux/guests.o,$(LINUX_OBJECTS)) \
	$(call objects,arm64,$(wildcard $(HYPERLIBRARY)/*.c)) $(HYPERLIBRARY_FUNCTIONS) \
	$(HYPERLIBRARY_OUT)/root.o

# It starts as the example of docs/new-device.md does.
$(BUILD)/guests/hyperlibrary.elf: $(NEW_DEVICE_GUEST)/guest.ld \
		$(call objects,guest-arm64,$(NEW_DEVICE_GUEST)/start.S \
		$(call sources,$(HYPERLIBRARY)/guest)) $(HYPERLIBRARY_OUT)/guest.o
	@mkdir -p $(@D)
	$(Q)$(CC_guest-arm64) -nostdlib -static -no-pie -Wl,--build-id=none -T $(filter %.ld,$^) \
		-Wl,-z,noexecstack -Wl,--no-warn-rwx-segments -o $@ $(filter %.o,$^)

TEST_SYSTEM += tests/system/hyperlibrary
TEST_SYSTEM_NEEDS += $(BUILD)/arm-el2/hyperlibrary.bin $(BUILD)/guests/hyperlibrary.elf
