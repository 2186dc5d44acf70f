# What a root does before its first guest runs, tested on the build machine.
HOST_SOURCES += $(patsubst %,roots/common/%.c,cpio load options pages print space)
$(BUILD)/host/tests/unit/%.o: INC_host += roots/common
