/* SPDX-License-Identifier: BSD-2-Clause */
/* status.html, as it is. */
	.section .rodata
	.globl status_page
	.globl status_page_end
status_page:
	.incbin "status.html"
status_page_end:
#ifdef __ELF__
	.section .note.GNU-stack, "", %progbits
#endif
