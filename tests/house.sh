#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the product promises about its objects: nothing is linked but memcpy, memmove and memset,
# and there is no state but the caller's (.data and .bss are empty).

status=0
for target in check-clang check-arm64 check-mipsel; do
	objects=$(find "build/$target" -name '*.o' | sort)
	wanted=$(nm -u $objects | sed -n 's/^ *U //p' | sort -u)
	given=$(nm --defined-only $objects | sed -n 's/^[0-9a-f]* [A-Z] //p' | sort -u)
	extra=$(printf '%s\n' "$wanted" | grep -vxE 'memcpy|memmove|memset' |
		grep -vxF "$given")
	if [ -n "$objects" ] && [ -z "$extra" ]; then
		echo "ok $target: links to nothing"
	else
		echo "not ok $target: needs" $extra
		status=1
	fi
	state=$(size $objects | awk 'NR > 1 && $2 + $3 { print $6 ":" $2 + $3 }')
	if [ -z "$state" ]; then
		echo "ok $target: no mutable globals"
	else
		echo "not ok $target: bytes of state in" $state
		status=1
	fi
done
exit $status
