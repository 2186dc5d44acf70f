# Guests on one network: examples/lan.

SYSTEM_lan := examples/lan
INC_$(SYSTEM_lan) := $(SYSTEM_lan) $(INC_roots/arm-el2) roots/common/net $(LWIP_INC)
$(eval $(call compile,arm64,$(SYSTEM_lan)))
LAN_OBJECTS := $(call objects,arm64,$(call sources,$(ROOT_arm64) $(SYSTEM_lan)))
$(LAN_OBJECTS): | $(LIBFDT) $(LWIP_LIBRARY)
$(BUILD)/arm-el2/lan.elf: $(LAN_OBJECTS)

RUN_NEEDS_lan := $(INITRAMFS)
TEST_SYSTEM += tests/system/lan
TEST_SYSTEM_NEEDS += $(BUILD)/arm-el2/lan.bin $(INITRAMFS)
