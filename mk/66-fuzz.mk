# Fuzzing with clang's libFuzzer. Each tests/fuzz/fuzz_TARGET.c that defines a fuzz_device, and those
# that stand alone, is a target; tests/fuzz/corpus/TARGET holds the inputs that reach all that any reached.

FUZZ_TARGETS := core blk blk_async console console_ports net rng template dummy decode plan switch
FUZZ_ALONE := decode plan switch
FUZZ_BENCH := fuzz fuzz_driver fuzz_memory fuzz_requests fuzz_disk fuzz_terminal

FUZZ_FOLDERS := vio/core vio/devices vio/template vio/switch transports/mmio hv-glue/arm-el2

CC_fuzz := clang
SANITIZE_fuzz := -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS_fuzz := -std=c11 -O1 -g $(SANITIZE_fuzz) -fno-omit-frame-pointer -DVIO_TEST_GUEST_LOADS \
	$(WARNINGS)
# The product's paths guide the fuzzer, not the bench's own; nor does the depth of the stack, which differs with
# the environment.
FUZZ_GUIDED := -fsanitize=fuzzer-no-link -fno-sanitize-coverage=stack-depth
$(foreach f,$(FUZZ_FOLDERS),$(eval $(BUILD)/fuzz/$(f)/%.o: CFLAGS_fuzz += $(FUZZ_GUIDED)))

# The bench stands between devices and the core, to see what requests they hold.
FUZZ_WRAP := $(foreach f,take_next untake complete refuse,-Wl,--wrap=vio_queue_$(f))

INC_tests/fuzz := tests/fuzz vio/driver vio/board roots/common $(FUZZ_FOLDERS)
$(foreach f,$(FUZZ_FOLDERS) vio/board roots/common tests/fuzz,$(eval $(call compile,fuzz,$(f))))
FUZZ_ROOT := $(patsubst %,roots/common/%.c,cpio plan plan_check)
FUZZ_PRODUCT := $(wildcard $(FUZZ_FOLDERS:%=%/*.c)) vio/board/vio_board.c $(FUZZ_ROOT)
$(call objects,fuzz,$(FUZZ_ROOT)): CFLAGS_fuzz += $(FUZZ_GUIDED)

# Trees are read with the build machine's own libfdt.
FUZZ_LIBS_plan := -lfdt

# $(call fuzz-sources,TARGET): of the bench and the target.
fuzz-sources = tests/fuzz/fuzz_$(1).c $(if $(filter $(FUZZ_ALONE),$(1)),,$(FUZZ_BENCH:%=tests/fuzz/%.c))

$(BUILD)/fuzz/libvio.a: $(call objects,fuzz,$(FUZZ_PRODUCT))
	$(Q)rm -f $@ && ar rc $@ $^

define fuzz-target
$$(BUILD)/fuzz/bin/$(1): $$(call objects,fuzz,$$(call fuzz-sources,$(1))) $$(BUILD)/fuzz/libvio.a
	@mkdir -p $$(@D)
	$$(Q)clang -fsanitize=fuzzer $$(SANITIZE_fuzz) $$(if $$(filter $$(FUZZ_ALONE),$(1)),,$$(FUZZ_WRAP)) -o $$@ $$^ $$(FUZZ_LIBS_$(1))
endef
$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz-target,$(t))))
FUZZ_BINARIES := $(FUZZ_TARGETS:%=$(BUILD)/fuzz/bin/%)

# The root's lwIP and what is on it, with each of its objects an allocation of its own.
FUZZ_LWIP_CFLAGS := -include tests/fuzz/lwip_memory.h $(FUZZ_GUIDED)
$(eval $(call compile,fuzz,roots/common/net))
FUZZ_LWIP_ROOT := $(patsubst %,$(BUILD)/fuzz/roots/common/net/%.o,echo iperf lwip_port status status_page)
$(FUZZ_LWIP_ROOT): CFLAGS_fuzz += $(FUZZ_LWIP_CFLAGS)
$(FUZZ_LWIP_ROOT) $(BUILD)/fuzz/tests/fuzz/fuzz_lwip.o: | $(PKG)/ok
$(BUILD)/fuzz/roots/common/net/status_page.o: roots/common/net/status.html
$(BUILD)/fuzz/tests/fuzz/fuzz_lwip.o: CFLAGS_fuzz += $(addprefix -I,roots/common/net $(LWIP_INC))
FUZZ_LWIP := $(LWIP_SOURCES:%=$(BUILD)/fuzz/lwip/%.o)
$(FUZZ_LWIP): $(BUILD)/fuzz/lwip/%.o: roots/common/net/lwipopts.h roots/common/net/arch/cc.h roots/common/net/lwip_hooks.h tests/fuzz/lwip_memory.h | $(PKG)/ok
	@mkdir -p $(@D)
	$(Q)$(CC_fuzz) $(filter-out $(WARNINGS),$(CFLAGS_fuzz)) -w $(FUZZ_LWIP_CFLAGS) -Iroots/common/net -I$(LWIP_INC) \
		-c -o $@ $(LWIP)/$*.c
$(BUILD)/fuzz/bin/lwip: $(BUILD)/fuzz/tests/fuzz/fuzz_lwip.o $(BUILD)/fuzz/roots/common/scheduler.o $(FUZZ_LWIP_ROOT) $(FUZZ_LWIP) $(BUILD)/fuzz/libvio.a
	@mkdir -p $(@D)
	$(Q)clang -fsanitize=fuzzer $(SANITIZE_fuzz) -Wl,--wrap=memp_malloc -o $@ $^
FUZZ_BINARIES += $(BUILD)/fuzz/bin/lwip

TIME ?= 60

## make fuzz             drive the devices with random input, ending with `N targets, N crashes`
##     TIME=seconds        for all targets together, on two CPUs (60)
.PHONY: fuzz fuzz-keep
fuzz: $(FUZZ_BINARIES)
	@tests/fuzz/run --time '$(TIME)' $^

# Takes over what `make fuzz` has found: the smallest inputs that reach the same.
fuzz-keep: $(FUZZ_BINARIES)
	@tests/fuzz/run --keep $^

# In `make test`: all that is kept, and a few seconds of what follows from it, always the same.
TEST_SYSTEM += tests/fuzz/short
TEST_SYSTEM_NEEDS += $(FUZZ_BINARIES)
