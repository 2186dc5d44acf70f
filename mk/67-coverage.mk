# Coverage: the in-process tests and the fuzzers' corpus once more, counted by gcc. The tests and
# the bench of the fuzzers are those of mk/60-test.mk and mk/66-fuzz.mk.

CC_coverage := gcc
CFLAGS_coverage := -std=c11 -O0 -g --coverage -fprofile-update=atomic -DVIO_TEST_GUEST_LOADS $(WARNINGS)
$(BUILD)/coverage/roots/common/drivers/%.o: CFLAGS_coverage += -DMMIO_TEST
$(BUILD)/coverage/tests/unit/%.o: INC_coverage += $(sort $(dir $(HOST_SOURCES)))
$(FDT_TESTS:%=$(BUILD)/coverage/bin/unit/%): LIBS := -Wl,--no-as-needed -lfdt

$(foreach f,$(sort $(PORTABLE) $(patsubst %/,%,$(dir $(HOST_SOURCES))) $(TEST_FOLDERS) tests/fuzz),\
	$(eval $(call compile,coverage,$(f))))

$(BUILD)/coverage/libvio.a: $(call objects,coverage,$(HOST_SOURCES) $(TEST_SUPPORT))
	$(Q)rm -f $@ && ar rc $@ $^

COVERAGE_TESTS := $(TEST_SOURCES:tests/%.c=$(BUILD)/coverage/bin/%)
$(COVERAGE_TESTS): $(BUILD)/coverage/bin/%: $(BUILD)/coverage/tests/%.o $(BUILD)/coverage/libvio.a
	@mkdir -p $(@D)
	$(Q)gcc --coverage -o $@ $^ -lcmocka $(LIBS)
.SECONDARY: $(call objects,coverage,$(TEST_SOURCES))

$(BUILD)/coverage/libproduct.a: $(call objects,coverage,$(FUZZ_PRODUCT))
	$(Q)rm -f $@ && ar rc $@ $^
define coverage-target
$$(BUILD)/coverage/bin/fuzz/$(1): $$(call objects,coverage,tests/fuzz/replay.c $$(call fuzz-sources,$(1))) \
		$$(BUILD)/coverage/libproduct.a
	@mkdir -p $$(@D)
	$$(Q)gcc --coverage $$(if $$(filter $$(FUZZ_ALONE),$(1)),,$$(FUZZ_WRAP)) -o $$@ $$^ $$(FUZZ_LIBS_$(1))
endef
$(foreach t,$(FUZZ_TARGETS),$(eval $(call coverage-target,$(t))))
COVERAGE_FUZZ := $(FUZZ_TARGETS:%=$(BUILD)/coverage/bin/fuzz/%)

## make coverage         lines and branches of vio/ and transports/ that the in-process tests reach
.PHONY: coverage
coverage: $(COVERAGE_TESTS) $(COVERAGE_FUZZ)
	@tests/coverage --tests $(COVERAGE_TESTS) --fuzz $(COVERAGE_FUZZ)
