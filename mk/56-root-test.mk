# What a root does before its first guest runs, tested on the build machine.
ROOT_TESTED := \
	board \
	claims \
	cpio \
	doorbell \
	guest \
	host_calls \
	hyperlibrary \
	kit \
	load \
	net_timer \
	options \
	pages \
	plan \
	plan_check \
	print \
	run \
	scheduler \
	space \
	terminal \
	trace \
	vcpu_life
HOST_SOURCES += $(ROOT_TESTED:%=roots/common/%.c) $(wildcard roots/common/shell/*.c)
$(BUILD)/host/tests/unit/%.o: INC_host += roots/common roots/common/shell

# Trees are checked, or read back, with the build machine's own libfdt; for coverage, too.
FDT_TESTS := test_fdt test_plan test_dynamic test_guest_board
$(FDT_TESTS:%=$(BUILD)/tests/unit/%): CFLAGS_host += -Wl,--no-as-needed -lfdt
# Of the MIPS root, what is no matter of the CPU it runs on.
HOST_SOURCES += roots/mips-vz/branch.c
$(BUILD)/host/tests/unit/%.o: INC_host += roots/mips-vz
