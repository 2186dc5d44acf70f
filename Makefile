# VIO: `make` alone prints help. The work stands in the fragments, one a subject.

BUILD := build
V ?= 0
Q := $(if $(filter 1,$(V)),,@)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

# One warning set for everything we compile, under gcc and clang alike.
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wpointer-arith -Wcast-qual -Wundef

include mk/house.mk
include $(sort $(wildcard mk/[0-9]*.mk))

.PHONY: help
help:
	@awk 'BEGIN { printf "VIO: Virtio devices for embedded roots.\n\n" } \
	     /^## / { sub(/^## /, ""); print; next }' $(MAKEFILE_LIST)
