# Tests. Every tests/{unit,conformance,hostile}/test_*.c becomes one cmocka binary for the build
# machine, under ASan and UBSan, linked with the support code beside it and with whatever it calls
# of ours. Other fragments add to these before or after this one:
#
#	TEST_SYSTEM		scripts, run from the top folder, that print a line `ok NAME` or
#				`not ok NAME` for each thing they tested and exit accordingly
#	TEST_SYSTEM_NEEDS	what make has to build for them
#	HOST_SOURCES		more sources to test on the build machine
#	HOST_SKIP		sources that do not build there

CC_host := gcc
CFLAGS_host := -std=c11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -DVIO_TEST_GUEST_LOADS $(WARNINGS)

# The product's folders that build without a machine under them.
PORTABLE := $(patsubst %/,%,$(sort $(dir $(wildcard vio/*/*.c transports/*/*.c hv-glue/*/*.c))))
HOST_SOURCES += $(filter-out $(HOST_SKIP),$(wildcard $(PORTABLE:%=%/*.c)))
TEST_FOLDERS := tests/unit tests/conformance tests/hostile
TEST_SOURCES := $(wildcard $(TEST_FOLDERS:%=%/test_*.c))
TEST_SUPPORT := $(filter-out $(TEST_SOURCES),$(wildcard $(TEST_FOLDERS:%=%/*.c)))
TEST_UNIT := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TEST_SOURCES))

INC_tests := tests/unit $(sort $(PORTABLE) $(patsubst %/,%,$(dir $(HOST_SOURCES))))
$(foreach f,$(TEST_FOLDERS),$(eval INC_$(f) := $(INC_tests)))
$(foreach f,$(sort $(PORTABLE) $(patsubst %/,%,$(dir $(HOST_SOURCES))) $(TEST_FOLDERS)),\
	$(eval $(call compile,host,$(f))))

# An archive: a test drags in no more of us than it calls.
$(BUILD)/host/libvio.a: $(call objects,host,$(HOST_SOURCES) $(TEST_SUPPORT))
	$(Q)rm -f $@ && ar rc $@ $^

$(BUILD)/tests/%: $(BUILD)/host/tests/%.o $(BUILD)/host/libvio.a
	@mkdir -p $(@D)
	$(Q)$(CC_host) $(CFLAGS_host) -o $@ $^ -lcmocka
.SECONDARY: $(call objects,host,$(TEST_SOURCES))

# The product once more as it is shipped: freestanding, by another compiler, and for a 32-bit and a
# 64-bit CPU. tests/house.sh looks at what these objects need and hold.
FREESTANDING := -std=c11 -Os -ffreestanding -fno-common $(WARNINGS)
CC_check-clang := clang
CC_check-arm64 := aarch64-linux-gnu-gcc
CC_check-mipsel := mipsel-linux-gnu-gcc
CHECKS := check-clang check-arm64 check-mipsel
CFLAGS_check-clang := $(FREESTANDING) -fno-pic
CFLAGS_check-arm64 := $(FREESTANDING) -mgeneral-regs-only -fno-pic
CFLAGS_check-mipsel := $(FREESTANDING) -fno-pic -mno-abicalls -G0
CHECK_SOURCES := $(filter-out vio/board/fdt.c $(HOST_SKIP),$(wildcard $(PORTABLE:%=%/*.c)))
# A glue is for one architecture.
CHECK_OBJECTS := $(foreach t,$(CHECKS),$(call objects,$(t),$(CHECK_SOURCES)))
CHECK_OBJECTS := $(filter-out $(BUILD)/check-mipsel/hv-glue/arm%,$(CHECK_OBJECTS))
$(foreach t,$(CHECKS),$(foreach f,$(PORTABLE),$(eval $(call compile,$(t),$(f)))))

# And the tests themselves on other CPUs, under QEMU's user emulation: 32-bit and big-endian, 32-bit
# and little-endian, and the one most roots are built for. tests/foreign/cmocka.h stands in for the
# library there. One row a machine: the compiler is MACHINE-linux-gnu-gcc, QEMU's name MACHINE.
MACHINES := mips mipsel aarch64
# Only the product, and the tests that include no root's and no architecture's header; without
# libfdt, and without a race, for which one emulated CPU is no place.
MACHINE_SKIP := %/fdt.c %/test_fdt.c %/test_race.c hv-glue/%
MACHINE_TESTS := $(filter-out $(MACHINE_SKIP),$(shell grep -L $(patsubst %,-e '"%"',$(notdir \
	$(wildcard roots/*/*.h roots/*/*/*.h hv-glue/*/*.h))) $(TEST_SOURCES)))
MACHINE_SOURCES := $(filter-out $(MACHINE_SKIP),$(filter vio/% transports/% examples/% tests/%,\
	$(HOST_SOURCES) $(TEST_SUPPORT)))
TEST_MACHINES := $(foreach m,$(MACHINES),$(MACHINE_TESTS:tests/%.c=$(BUILD)/tests/$(m)/%))

define machine
CC_$(1) := $(1)-linux-gnu-gcc
CFLAGS_$(1) := -std=c11 -O1 -g -static -DVIO_TEST_GUEST_LOADS $$(WARNINGS)
INC_$(1) := tests/foreign
$$(foreach f,$$(sort $$(PORTABLE) $$(TEST_FOLDERS) $$(patsubst %/,%,$$(dir $$(MACHINE_SOURCES)))),\
	$$(eval $$(call compile,$(1),$$(f))))
$$(BUILD)/$(1)/libvio.a: $$(call objects,$(1),$$(MACHINE_SOURCES))
	$$(Q)rm -f $$@ && $(1)-linux-gnu-ar rc $$@ $$^
$$(BUILD)/$(1)/%.test: $$(BUILD)/$(1)/tests/%.o $$(BUILD)/$(1)/libvio.a
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(CFLAGS_$(1)) -o $$@ $$^
$$(BUILD)/tests/$(1)/%: $$(BUILD)/$(1)/%.test
	@mkdir -p $$(@D)
	@printf '#!/bin/sh\nexec qemu-$(1) $$<\n' >$$@ && chmod +x $$@
.SECONDARY: $$(call objects,$(1),$$(MACHINE_TESTS)) $$(MACHINE_TESTS:tests/%.c=$$(BUILD)/$(1)/%.test)
endef
$(foreach m,$(MACHINES),$(eval $(call machine,$(m))))

.PHONY: test test-unit test-machines lint
## make test             everything, ending with `N passed, N failed`
.SECONDEXPANSION:
test: $(TEST_UNIT) $(CHECK_OBJECTS) $(TEST_MACHINES) $$(TEST_SYSTEM_NEEDS)
	@tests/run.sh $(BUILD)/tests/log $(TEST_UNIT) $(TEST_MACHINES) tests/house.sh tests/lint.sh \
		$(TEST_SYSTEM)

## make test-unit        what runs in-process, in seconds
test-unit: $(TEST_UNIT) $(CHECK_OBJECTS)
	@tests/run.sh $(BUILD)/tests/log $(TEST_UNIT) tests/house.sh

## make test-machines    the same on mips, mipsel and aarch64
test-machines: $(TEST_MACHINES)
	@tests/run.sh $(BUILD)/tests/log $(TEST_MACHINES)

# Layout of all our C at once, and clang-tidy over the product, each file once after a change.
FORMATTED := $(shell find vio transports hv-glue roots examples tests tools -name '*.[ch]' 2>/dev/null)
## make lint             clang-format and clang-tidy
lint: $(BUILD)/lint/format.ok $(CHECK_SOURCES:%=$(BUILD)/lint/%.ok)

$(BUILD)/lint/format.ok: $(FORMATTED) .clang-format
	@mkdir -p $(@D)
	$(Q)clang-format --dry-run -Werror $(filter %.c %.h,$^)
	@touch $@
$(BUILD)/lint/%.c.ok: %.c $(wildcard $(PORTABLE:%=%/*.h)) .clang-tidy
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- -std=c11 $(addprefix -I,$(INC_$(patsubst %/,%,$(dir $<)))) \
		2>/dev/null >$@.log || { cat $@.log; exit 1; }
	@touch $@
