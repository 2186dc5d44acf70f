# The house: which folder may include what. Each folder is compiled with its own headers and those
# of what stands below it, so an import that points up does not build. Headers are included by
# name ("vio_queue.h"), never by path.

INC_vio/core := vio/core
INC_vio/driver := vio/driver $(INC_vio/core)
INC_vio/switch := vio/switch $(INC_vio/core)
INC_vio/template := vio/template $(INC_vio/core)
INC_vio/devices := vio/devices $(INC_vio/switch)
INC_vio/board := vio/board $(INC_vio/core)
INC_transports/mmio := transports/mmio $(INC_vio/driver)
INC_hv-glue/arm-el2 := hv-glue/arm-el2 $(INC_transports/mmio)
INC_hv-glue/mips-vz := hv-glue/mips-vz $(INC_transports/mmio)

# Roots stand on all of the above.
INC_roots/common/drivers := roots/common/drivers vio/board vio/devices vio/template vio/switch \
	vio/driver transports/mmio vio/core
INC_roots/common := roots/common $(INC_roots/common/drivers)
INC_roots/common/shell := roots/common/shell $(INC_roots/common)
INC_roots/common/net = roots/common/net $(INC_roots/common) $(LWIP_INC)
INC_roots/arm-el2 := roots/arm-el2 roots/common hv-glue/arm-el2 $(INC_roots/common/drivers)
INC_roots/mips-vz := roots/mips-vz roots/common hv-glue/mips-vz $(INC_roots/common/drivers)

# What each size row of the bench and each library is made of.
SRC_core := $(wildcard vio/core/*.c)
SRC_mmio := $(wildcard transports/mmio/*.c)

# $(call compile,TARGET,FOLDER): rules that build FOLDER/*.c and *.S into build/TARGET/FOLDER/*.o with
# CC_TARGET and CFLAGS_TARGET, and sees no header but those of INC_FOLDER (and INC_TARGET).
define compile
$$(BUILD)/$(1)/$(2)/%.o: $(2)/%.c
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(CFLAGS_$(1)) $$(addprefix -I,$$(INC_$(2)) $$(INC_$(1))) -MMD -MP -c -o $$@ $$<
$$(BUILD)/$(1)/$(2)/%.o: $(2)/%.S
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(CFLAGS_$(1)) $$(addprefix -I,$$(INC_$(2)) $$(INC_$(1))) -MMD -MP -c -o $$@ $$<
-include $$(wildcard $$(BUILD)/$(1)/$(2)/*.d)
endef

# $(call objects,TARGET,SOURCES): the objects that $(compile) makes of them.
objects = $(patsubst %,$(BUILD)/$(1)/%.o,$(basename $(2)))
