#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# `make lint` as one test among the others.

unset MAKEFLAGS MAKELEVEL
if make -k lint; then
	echo "ok layout and static checks"
else
	echo "not ok layout and static checks"
	exit 1
fi
