# Measuring: instructions and bytes, never seconds.

SIZE_FLAGS := -std=c11 -Os -ffreestanding -fno-common -fno-asynchronous-unwind-tables -fno-pic $(WARNINGS)
CC_size-arm64 := aarch64-linux-gnu-gcc
CFLAGS_size-arm64 := $(SIZE_FLAGS) -mgeneral-regs-only
CC_size-mipsel := mipsel-linux-gnu-gcc
CFLAGS_size-mipsel := $(SIZE_FLAGS) -mno-abicalls

SIZED_FOLDERS := vio/core transports/mmio vio/devices hv-glue/arm-el2
# The glue is its machine's own; all else is built for both.
SIZED_size-arm64 := $(SIZED_FOLDERS)
SIZED_size-mipsel := $(SIZED_FOLDERS:%/arm-el2=%/mips-vz)

$(foreach t,size-arm64 size-mipsel,$(foreach f,$(SIZED_$(t)),$(eval $(call compile,$(t),$(f)))))
SIZED_OBJECTS := $(foreach t,size-arm64 size-mipsel,\
	$(call objects,$(t),$(wildcard $(addsuffix /*.c,$(SIZED_$(t))))))

.PHONY: bench bench-sizes
bench-sizes: $(SIZED_OBJECTS)
	tests/bench/bench sizes

# The measuring plugin, for the QEMU that runs the system.
PLUGIN := $(BUILD)/measure/measure.so
$(PLUGIN): tools/measure/measure.c $(QEMU_PLUGIN_H)
	@mkdir -p $(@D)
	$(Q)gcc -std=gnu11 -O2 -Wall -Wextra -Werror -fPIC -shared -I$(dir $(QEMU_PLUGIN_H)) \
		$$(pkg-config --cflags glib-2.0) -o $@ $<

# What it counts, as a static program for the guest.
OPERATIONS := $(BUILD)/measure/operations
$(OPERATIONS): tests/bench/operations.c
	@mkdir -p $(@D)
	$(Q)aarch64-linux-gnu-gcc -std=gnu11 -O2 -static -Wall -Wextra -Werror -o $@ $<

OPERATIONS_MIPS := $(BUILD)/measure/operations-mipsel
$(OPERATIONS_MIPS): tests/bench/operations.c
	@mkdir -p $(@D)
	$(Q)mipsel-linux-gnu-gcc -std=gnu11 -O2 -static -Wall -Wextra -Werror -o $@ $<

.PHONY: bench-mips bench-mips-vz
BENCH_MIPS := $(PLUGIN) $(OPERATIONS_MIPS) $(ROOT_MIPS_little) $(LINUX_MIPS_little) $(BUILD)/guests/bare-mipsel.elf
bench-mips: $(BENCH_MIPS)
	@tests/bench/bench mips
bench-mips-vz: $(BENCH_MIPS) vz-machine
	@tests/bench/bench mips-vz

# Core and switch on the build machine, compiled as the roots compile it, under callgrind.
CC_bench := gcc
CFLAGS_bench := -std=gnu11 -O2 -flto=auto -g -fomit-frame-pointer -fno-common -fno-stack-protector \
	-fno-pic -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns $(WARNINGS)
COUNTED_FOLDERS := vio/core vio/driver vio/switch vio/devices transports/mmio
INC_tests/bench := $(INC_transports/mmio) $(INC_vio/devices)
$(foreach f,$(COUNTED_FOLDERS) tests/bench,$(eval $(call compile,bench,$(f))))
COUNTED := $(BUILD)/bench/core $(BUILD)/bench/switch
$(COUNTED): $(BUILD)/bench/%: $(call objects,bench,$(wildcard $(COUNTED_FOLDERS:%=%/*.c)) tests/bench/%.c)
	$(Q)$(CC_bench) $(CFLAGS_bench) -no-pie -o $@ $^

TEST_SYSTEM += tests/bench/bars
TEST_SYSTEM_NEEDS += $(BUILD)/bench/core

.PHONY: bench-core
bench-core: $(COUNTED)
	@tests/bench/bench core

## make bench            count instructions per operation and bytes per part: build/bench.csv
bench: $(BENCH_MIPS) vz-machine $(SIZED_OBJECTS) $(COUNTED) $(PLUGIN) $(OPERATIONS) $(INITRAMFS) root-linux \
		$(BUILD)/arm-el2/several.bin $(BUILD)/guests/el1.elf
	@tests/bench/bench
