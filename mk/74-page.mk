# The root's status page in a browser. Not part of `make test`: it installs Chromium, which is large.

.PHONY: test-page
## make test-page        the root's status page in headless Chromium, which it installs
test-page: root-linux $(INITRAMFS)
	@$(if $(filter no,$(SETUP)),:,tools/setup chromium)
	@tests/system/page browser
