# Boots on the root, GICv2 and GICv3. The scripts say what they look at.

SYSTEM_SCRIPTS := $(addprefix tests/system/,run disk uboot console handover net page)

# What runs in a guest beside what its initramfs has.
GUEST_PROGRAMS := $(addprefix $(BUILD)/tests/,clear coalesce echo)

ifneq ($(wildcard mk/40-root.mk),)
TEST_SYSTEM += $(SYSTEM_SCRIPTS)
TEST_SYSTEM_NEEDS += root-linux $(INITRAMFS) $(BUILD)/make_exit.so $(GUEST_PROGRAMS) $(UBOOT)
endif

$(GUEST_PROGRAMS): $(BUILD)/tests/%: tests/system/%.c
	@mkdir -p $(@D)
	$(Q)aarch64-linux-gnu-gcc -std=gnu11 -O2 -static -Wall -Wextra -Werror -o $@ $<

.PHONY: test-system test-system-native
## make test-system      boots of stock Linux and U-Boot on the root, with checks from inside
test-system: root-linux $(INITRAMFS) $(BUILD)/make_exit.so $(GUEST_PROGRAMS) $(UBOOT)
	@tests/run.sh $(BUILD)/tests/log $(SYSTEM_SCRIPTS)

# The same checks on the bare machine: are the checks themselves right?
test-system-native: $(INITRAMFS)
	@tests/system/run --native-only
