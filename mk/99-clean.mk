# The last line of the help.

.PHONY: clean
## make clean            remove build/ (downloads included)
clean:
	rm -rf $(BUILD)
