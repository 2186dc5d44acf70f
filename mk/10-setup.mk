# The packages VIO stands on. Debian's own are installed (tools/setup); those of the guest's
# architecture are unpacked under build/pkg (tools/fetch); the initramfs is made of them.

PKG := $(BUILD)/pkg
QEMU_PLUGIN_H := $(PKG)/qemu/qemu-plugin.h

## make setup            install the packages that are missing, fetch the guest's
.PHONY: setup
setup: $(PKG)/ok $(QEMU_PLUGIN_H)
	@tools/setup

# Included, so that make has it done before it starts anything else. SETUP=no leaves it out.
ifneq ($(SETUP),no)
ifneq ($(filter-out help clean,$(MAKECMDGOALS)),)
include $(BUILD)/setup.mk
endif
endif

$(BUILD)/setup.mk: tools/setup
	@mkdir -p $(@D)
	@tools/setup
	@echo '# tools/setup has found or installed all packages' >$@

LIBFDT := $(PKG)/libfdt-dev/usr/lib/aarch64-linux-gnu/libfdt.a
LIBFDT_INC := $(PKG)/libfdt-dev/usr/include
UBOOT := $(PKG)/u-boot-qemu/usr/lib/u-boot/qemu_arm64/u-boot.bin

$(PKG)/ok: tools/fetch
	@tools/fetch
	@touch $@
LWIP := $(PKG)/lwip/src
LWIP_INC := $(LWIP)/include
$(LIBFDT) $(UBOOT): | $(PKG)/ok ;

$(QEMU_PLUGIN_H): | $(PKG)/ok
	@tools/fetch qemu/qemu-plugin.h

INITRAMFS := $(BUILD)/initramfs.cpio
$(INITRAMFS): tools/initramfs tools/guest-init tools/guest-dhcp tools/boot.py $(PKG)/ok
	@tools/initramfs $@
