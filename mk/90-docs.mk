# Pages made from the source.

.PHONY: reference
## make reference        write docs/reference.md anew from the public headers
reference:
	$(Q)tools/reference

lint: $(BUILD)/lint/reference.ok
$(BUILD)/lint/reference.ok: tools/reference docs/reference.md $(FORMATTED)
	@mkdir -p $(@D)
	$(Q)tools/reference --check
	@touch $@
