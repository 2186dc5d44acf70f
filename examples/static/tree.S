/* SPDX-License-Identifier: BSD-2-Clause */
/* The place of the system's tree: make puts the blob here when the root is linked. */
	.section .tree, "a"
	.balign	8
	.globl	system_tree, system_tree_end
system_tree:
	.zero	TREE_SIZE
system_tree_end:
