# A device of your own (tools/new-device), and the finished one of docs/new-device.md.

## make new-device NAME=widget   copy the template under that name, put it on the board, test it
.PHONY: new-device
new-device:
	+@tools/new-device '$(NAME)'
