# Several guests: the system of examples/linux with others beside, and what becomes of them all.

SEVERAL := examples/several
INC_$(SEVERAL) := $(SEVERAL) $(INC_examples/linux)
SEVERAL_OBJECTS := $(filter-out %/examples/linux/guests.o,$(LINUX_OBJECTS)) \
	$(call objects,arm64,$(wildcard $(SEVERAL)/*.c))
$(eval $(call compile,arm64,$(SEVERAL)))
$(BUILD)/arm-el2/several.elf: $(SEVERAL_OBJECTS)

TEST_SYSTEM += tests/system/several tests/system/smp
TEST_SYSTEM_NEEDS += $(BUILD)/arm-el2/several.bin $(BUILD)/guests/el1.elf $(INITRAMFS)
