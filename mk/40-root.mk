# The roots and the systems made with them: build/ROOT/SYSTEM.bin, and .elf for debuggers and tools.

# The whole root is optimised at once: a register access then crosses glue, transport and core in
# one function. Roots answer through tables of functions, of which few need all parameters.
CC_arm64 := aarch64-linux-gnu-gcc
CFLAGS_arm64 := -std=gnu11 -O2 -flto=auto -g -fomit-frame-pointer -ffreestanding -fno-common \
	-mgeneral-regs-only -mno-outline-atomics -fno-stack-protector \
	-fno-pic -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns $(WARNINGS) \
	-Wno-unused-parameter
INC_arm64 := $(LIBFDT_INC)

ROOT_arm64 := roots/arm-el2 roots/common roots/common/net roots/common/drivers hv-glue/arm-el2 \
	transports/mmio vio/board vio/devices vio/switch vio/driver vio/core
SYSTEM_linux := examples/linux
INC_examples/linux := examples/linux $(INC_roots/arm-el2) roots/common/net $(LWIP_INC)

$(foreach f,$(ROOT_arm64) $(SYSTEM_linux),$(eval $(call compile,arm64,$(f))))

# lwIP, by itself: what it does is no part of a register access.
LWIP_SOURCES := $(addprefix core/,def inet_chksum init ip mem memp netif pbuf tcp tcp_in tcp_out \
	timeouts udp ipv4/dhcp ipv4/etharp ipv4/icmp ipv4/ip4 ipv4/ip4_addr ipv4/ip4_frag) \
	netif/ethernet apps/http/httpd
CFLAGS_lwip := $(filter-out -flto% $(WARNINGS),$(CFLAGS_arm64))
LWIP_LIBRARY := $(BUILD)/lwip/liblwip.a
$(LWIP_LIBRARY): $(LWIP_SOURCES:%=$(BUILD)/lwip/%.o)
	$(Q)rm -f $@ && aarch64-linux-gnu-ar rc $@ $^
$(BUILD)/lwip/%.o: roots/common/net/lwipopts.h roots/common/net/arch/cc.h roots/common/net/lwip_hooks.h | $(PKG)/ok
	@mkdir -p $(@D)
	$(Q)$(CC_arm64) $(CFLAGS_lwip) -Iroots/common/net -I$(LWIP_INC) -c -o $@ $(LWIP)/$*.c

# The status page, which is linked in.
$(BUILD)/arm64/roots/common/net/status_page.o: roots/common/net/status.html

sources = $(wildcard $(addsuffix /*.c,$(1)) $(addsuffix /*.S,$(1)))

LINUX_OBJECTS := $(call objects,arm64,$(call sources,$(ROOT_arm64) $(SYSTEM_linux)))
$(LINUX_OBJECTS): | $(LIBFDT) $(LWIP_LIBRARY)

$(BUILD)/arm-el2/linux.elf: $(LINUX_OBJECTS)
$(BUILD)/arm-el2/%.elf: roots/arm-el2/root.ld $(LIBFDT) $(LWIP_LIBRARY)
	@mkdir -p $(@D)
	$(Q)$(CC_arm64) $(CFLAGS_arm64) -nostdlib -static -no-pie -Wl,--build-id=none \
		-Wl,-z,max-page-size=4096 \
		-Wl,--no-warn-rwx-segments -T roots/arm-el2/root.ld -o $@ $(filter %.o,$^) $(LWIP_LIBRARY) $(LIBFDT)

$(BUILD)/arm-el2/%.bin: $(BUILD)/arm-el2/%.elf
	$(Q)aarch64-linux-gnu-objcopy -O binary $< $@

.PHONY: root-linux
root-linux: $(BUILD)/arm-el2/linux.bin

# clang's opinion of the root, as an arm64 compiler. libfdt.h brings a C library's string.h, of which
# we declare what we need ourselves.
ROOT_LINTED := $(wildcard roots/arm-el2/*.c roots/common/*.c roots/common/net/*.c examples/linux/*.c examples/several/*.c examples/lan/*.c examples/comms/*.c examples/driver-guest/*.c)
lint: $(ROOT_LINTED:%=$(BUILD)/lint/arm64/%.ok)
$(BUILD)/lint/arm64/%.c.ok: %.c $(wildcard roots/*/*.h) .clang-tidy | $(LIBFDT)
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet --checks=-readability-redundant-declaration $< -- --target=aarch64-linux-gnu -std=gnu11 -ffreestanding $(WARNINGS) \
		-Wno-unused-parameter $(addprefix -I,$(INC_$(patsubst %/,%,$(dir $<))) $(INC_arm64)) \
		-isystem /usr/aarch64-linux-gnu/include 2>/dev/null
	@touch $@
