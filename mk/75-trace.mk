# The trace ring, on the system of docs/new-device.md.
TEST_SYSTEM += tests/system/trace
TEST_SYSTEM_NEEDS += $(NEW_DEVICE_SYSTEM)
