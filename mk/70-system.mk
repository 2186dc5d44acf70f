# Boots on the root, GICv2 and GICv3. The scripts say what they look at.

ifneq ($(wildcard mk/40-root.mk),)
TEST_SYSTEM += tests/system/run tests/system/uboot
TEST_SYSTEM_NEEDS += root-linux $(INITRAMFS) $(BUILD)/make_exit.so $(UBOOT)
endif

.PHONY: test-system test-system-native
## make test-system      boots of stock Linux and U-Boot on the root, with checks from inside
test-system: root-linux $(INITRAMFS) $(BUILD)/make_exit.so $(UBOOT)
	@tests/run.sh $(BUILD)/tests/log tests/system/run tests/system/uboot

# The same checks on the bare machine: are the checks themselves right?
test-system-native: $(INITRAMFS)
	@tests/system/run --native-only
