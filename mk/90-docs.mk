# Pages made from the source.

.PHONY: reference
## make reference        write docs/reference.md anew from the public headers
reference:
	tools/reference
