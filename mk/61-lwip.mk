# The root's lwIP on the build machine, under the sanitizers, and what guests may do to it.

INC_tests/lwip := tests/unit roots/common/net $(INC_roots/common) $(LWIP_INC)
$(eval $(call compile,host,tests/lwip))
$(eval $(call compile,host,roots/common/net))

HOST_LWIP := $(LWIP_SOURCES:%=$(BUILD)/host/lwip/%.o)
$(HOST_LWIP): $(BUILD)/host/lwip/%.o: roots/common/net/lwipopts.h roots/common/net/arch/cc.h roots/common/net/lwip_hooks.h | $(PKG)/ok
	@mkdir -p $(@D)
	$(Q)$(CC_host) $(filter-out $(WARNINGS),$(CFLAGS_host)) -Iroots/common/net -I$(LWIP_INC) \
		-c -o $@ $(LWIP)/$*.c

LWIP_TESTS := $(wildcard tests/lwip/test_*.c)
TEST_LWIP := $(LWIP_TESTS:tests/%.c=$(BUILD)/tests/%)
LWIP_TESTED := $(addprefix $(BUILD)/host/,tests/lwip/station.o $(addprefix roots/common/net/,\
	lwip_port.o status.o status_page.o))
$(LWIP_TESTS:%.c=$(BUILD)/host/%.o) $(LWIP_TESTED): | $(PKG)/ok
$(BUILD)/host/roots/common/net/status_page.o: roots/common/net/status.html
# An archive: a test drags in no more of us than it calls.
$(BUILD)/host/libnet.a: $(LWIP_TESTED) $(HOST_LWIP)
	$(Q)rm -f $@ && ar rc $@ $^
$(TEST_LWIP): $(BUILD)/tests/%: $(BUILD)/host/tests/%.o $(BUILD)/host/libnet.a $(BUILD)/host/libvio.a
	@mkdir -p $(@D)
	$(Q)$(CC_host) $(CFLAGS_host) -o $@ $^ -lcmocka
TEST_UNIT += $(TEST_LWIP)
test test-unit: $(TEST_LWIP)
