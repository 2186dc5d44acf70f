# Static systems: the root of examples/static, with the tree of DTS in it; and its bare-metal guests.

STATIC := examples/static
DTS ?= $(STATIC)/static.dts
INC_$(STATIC) := $(STATIC) $(INC_roots/arm-el2) $(LIBFDT_INC)
$(eval $(call compile,arm64,$(STATIC)))

# What the root has room for; docs/static.md.
STATIC_TREE := 32768
$(BUILD)/arm64/$(STATIC)/tree.o: CFLAGS_arm64 += -DTREE_SIZE=$(STATIC_TREE)

STATIC_OBJECTS := $(call objects,arm64,$(call sources,$(ROOT_arm64) $(STATIC)))
$(STATIC_OBJECTS): | $(LIBFDT)
# Its hyperlibrary is that of examples/hyperlibrary.
$(BUILD)/arm-el2/static.elf: $(STATIC_OBJECTS) $(HYPERLIBRARY_FUNCTIONS) $(HYPERLIBRARY_OUT)/root.o

# Linked once: another tree is put into its place. tools/static-tree does that for other systems, too.
$(BUILD)/arm-el2/static.bin: $(BUILD)/arm-el2/static.elf tools/static-tree $(BUILD)/static/dts $(wildcard $(DTS))
	$(Q)tools/static-tree $< '$(DTS)' $@

# Changes when DTS names another file.
$(BUILD)/static/dts: FORCE
	@mkdir -p $(@D)
	@echo '$(DTS)' | cmp -s - $@ || echo '$(DTS)' >$@
.PHONY: FORCE
FORCE:

# The guests: one core, EL1; they start as the example of docs/new-device.md does.
STATIC_GUESTS := $(patsubst $(STATIC)/guests/%.c,$(BUILD)/guests/%.elf,$(wildcard $(STATIC)/guests/*.c))
INC_$(STATIC)/guests := $(STATIC)/guests
$(eval $(call compile,guest-arm64,$(STATIC)/guests))
$(STATIC_GUESTS): $(BUILD)/guests/%.elf: $(NEW_DEVICE_GUEST)/guest.ld \
		$(call objects,guest-arm64,$(NEW_DEVICE_GUEST)/start.S) \
		$(BUILD)/guest-arm64/$(STATIC)/guests/%.o
	@mkdir -p $(@D)
	$(Q)$(CC_guest-arm64) -nostdlib -static -no-pie -Wl,--build-id=none -T $(filter %.ld,$^) \
		-Wl,-z,noexecstack -Wl,--no-warn-rwx-segments -o $@ $(filter %.o,$^)

TEST_SYSTEM += tests/system/static
TEST_SYSTEM_NEEDS += $(BUILD)/arm-el2/static.bin $(STATIC_GUESTS) $(BUILD)/guests/el1.elf \
	$(BUILD)/guests/hyperlibrary.elf $(INITRAMFS)

RUN_NEEDS_static = $(INITRAMFS) $(STATIC_GUESTS)

lint: $(patsubst %,$(BUILD)/lint/arm64/%.ok,$(wildcard $(STATIC)/*.c))
