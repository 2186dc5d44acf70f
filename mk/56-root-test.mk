# What a root does before its first guest runs, tested on the build machine.
HOST_SOURCES += $(patsubst %,roots/common/%.c,cpio doorbell guest hyperlibrary load options pages \
	print run scheduler space terminal vcpu_life)
$(BUILD)/host/tests/unit/%.o: INC_host += roots/common
