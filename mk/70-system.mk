# Boots on the root, GICv2 and GICv3. tests/system/run says what it looks at.

ifneq ($(wildcard mk/40-root.mk),)
TEST_SYSTEM += tests/system/run
TEST_SYSTEM_NEEDS += root-linux $(INITRAMFS) $(BUILD)/make_exit.so $(BUILD)/tests/clear
endif

$(BUILD)/tests/clear: tests/system/clear.c
	@mkdir -p $(@D)
	$(Q)aarch64-linux-gnu-gcc -std=gnu11 -O2 -static -Wall -Wextra -Werror -o $@ $<

.PHONY: test-system test-system-native
## make test-system      boots of stock Linux and U-Boot on the root, with checks from inside
test-system: root-linux $(INITRAMFS) $(BUILD)/make_exit.so $(BUILD)/tests/clear
	@tests/system/run

# The same checks on the bare machine: are the checks themselves right?
test-system-native: $(INITRAMFS) $(BUILD)/tests/clear
	@tests/system/run --native-only
