# The root's lwIP on the build machine, under the sanitizers, and what guests may do to it.

INC_tests/lwip := tests/unit roots/common/net $(INC_roots/common) $(LWIP_INC)
$(eval $(call compile,host,tests/lwip))
$(eval $(call compile,host,roots/common/net))

HOST_LWIP := $(LWIP_SOURCES:%=$(BUILD)/host/lwip/%.o)
$(HOST_LWIP): $(BUILD)/host/lwip/%.o: roots/common/net/lwipopts.h roots/common/net/arch/cc.h | $(PKG)/ok
	@mkdir -p $(@D)
	$(Q)$(CC_host) $(filter-out $(WARNINGS),$(CFLAGS_host)) -Iroots/common/net -I$(LWIP_INC) \
		-c -o $@ $(LWIP)/$*.c

TEST_LWIP := $(BUILD)/tests/lwip/test_lwip_port
$(BUILD)/host/tests/lwip/test_lwip_port.o $(BUILD)/host/roots/common/net/lwip_port.o: | $(PKG)/ok
$(TEST_LWIP): $(BUILD)/host/tests/lwip/test_lwip_port.o $(BUILD)/host/roots/common/net/lwip_port.o \
		$(HOST_LWIP) $(BUILD)/host/libvio.a
	@mkdir -p $(@D)
	$(Q)$(CC_host) $(CFLAGS_host) -o $@ $^ -lcmocka
TEST_UNIT += $(TEST_LWIP)
test test-unit: $(TEST_LWIP)
