# The board's device tree is read back in its test by the build machine's own libfdt.
$(BUILD)/tests/unit/test_fdt: CFLAGS_host += -Wl,--no-as-needed -lfdt
