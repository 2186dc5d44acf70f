# The root's drivers, tested on the build machine against devices of our own.
HOST_SOURCES += $(wildcard roots/common/drivers/*.c)
$(BUILD)/host/roots/common/drivers/%.o: CFLAGS_host += -DMMIO_TEST
$(BUILD)/host/tests/unit/%.o: INC_host += roots/common/drivers
