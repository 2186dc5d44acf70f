.PHONY: conformance
## make conformance      which clauses of Virtio 1.4, and hostile cases, have a test
conformance:
	@tests/conformance/table
