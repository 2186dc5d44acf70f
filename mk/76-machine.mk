# The simulated MIPS core with the VZ ASE (tools/mips-vz-machine), and its tests: against stock QEMU,
# and line by line for what QEMU does not have. Built twice: to be used, and under sanitizers.

VZ_MACHINE := $(BUILD)/tools/mips-vz-machine
VZ_MACHINE_SOURCES := $(wildcard tools/mips-vz-machine/*.c)
INC_tools/mips-vz-machine := tools/mips-vz-machine

CC_vz-machine := gcc
CFLAGS_vz-machine := -std=gnu11 -O2 -g $(WARNINGS)
CC_vz-machine-test := gcc
CFLAGS_vz-machine-test := -std=gnu11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all $(WARNINGS)
$(foreach t,vz-machine vz-machine-test,$(eval $(call compile,$(t),tools/mips-vz-machine)))

$(VZ_MACHINE): $(call objects,vz-machine,$(VZ_MACHINE_SOURCES))
	@mkdir -p $(@D)
	$(Q)$(CC_vz-machine) $(CFLAGS_vz-machine) -o $@ $^
$(BUILD)/tests/mips-vz-machine: $(call objects,vz-machine-test,$(VZ_MACHINE_SOURCES))
	@mkdir -p $(@D)
	$(Q)$(CC_vz-machine-test) $(CFLAGS_vz-machine-test) -o $@ $^

.PHONY: vz-machine test-vz-machine
## make vz-machine       the simulated MIPS core with VZ: tools/mips-vz-machine/README.md
vz-machine: $(VZ_MACHINE)

# Bare-metal programs for it, of either byte order.
VZ_TESTS := tests/machine/vz
VZ_PROGRAMS := $(BUILD)/tests/machine/vz-mipsel.elf $(BUILD)/tests/machine/vz-mips.elf
$(VZ_PROGRAMS): $(BUILD)/tests/machine/vz-%.elf: $(wildcard $(VZ_TESTS)/*) tests/machine/runtime.ld
	@mkdir -p $(@D)
	$(Q)$*-linux-gnu-gcc -std=gnu11 -O2 $(WARNINGS) -march=mips32r2 -msoft-float -mno-abicalls -G0 -fno-pic \
		-ffreestanding -fno-tree-loop-distribute-patterns -nostdlib -static -no-pie \
		-Wl,--build-id=none -T tests/machine/runtime.ld -o $@ $(VZ_TESTS)/start.S $(VZ_TESTS)/main.c

TEST_SYSTEM += tests/machine/compare tests/machine/vz/run tests/machine/run
TEST_SYSTEM_NEEDS += $(BUILD)/tests/mips-vz-machine $(VZ_PROGRAMS)

## make test-vz-machine  its tests alone
test-vz-machine: $(BUILD)/tests/mips-vz-machine $(VZ_PROGRAMS)
	@tests/run.sh $(BUILD)/tests/log tests/machine/compare tests/machine/vz/run tests/machine/run

# Linux on the MIPS root's VZ back-end, on cores that have more or less of it.
TEST_SYSTEM += tests/system/mips-vz tests/system/mips/vz
TEST_SYSTEM_NEEDS += $(RUN_NEEDS_ROOT_mips-vz)

lint: $(VZ_MACHINE_SOURCES:%=$(BUILD)/lint/host/%.ok)
$(BUILD)/lint/host/%.c.ok: %.c $(wildcard tools/mips-vz-machine/*.h) .clang-tidy
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- -std=gnu11 $(WARNINGS) $(addprefix -I,$(INC_$(patsubst %/,%,$(dir $<)))) \
		2>/dev/null >$@.log || { cat $@.log; exit 1; }
	@touch $@
