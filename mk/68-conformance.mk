.PHONY: conformance
## make conformance      which clauses of Virtio 1.4 have a test, an area a line
conformance:
	@tests/conformance/table
