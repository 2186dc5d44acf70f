/* SPDX-License-Identifier: BSD-2-Clause */
#include "host_files.h"

const char *host_error_text(int64_t error)
{
	static const struct {
		int number;
		const char *text;
	} texts[] = {
		{ HOST_NOT_PERMITTED, "the host does not permit it" },
		{ HOST_NO_ENTRY, "there is no such file" },
		{ HOST_IO, "the host's disk failed" },
		{ HOST_BAD_HANDLE, "it is not open, or not for this" },
		{ HOST_NO_ACCESS, "the host does not permit access" },
		{ HOST_EXISTS, "it is there already" },
		{ HOST_NOT_DIRECTORY, "part of its path is no directory" },
		{ HOST_IS_DIRECTORY, "it is a directory" },
		{ HOST_BAD_VALUE, "the host finds a value impossible" },
		{ HOST_TOO_MANY, "too many files are open" },
		{ HOST_NO_SPACE, "the host's disk is full" },
		{ HOST_READ_ONLY, "the host's disk is read-only" },
		{ HOST_NAME_TOO_LONG, "its name is too long" },
	};

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(texts); i++) {
		if (texts[i].number == (error < 0 ? -error : error))
			return texts[i].text;
	}
	return "the host refused, for a reason of its own";
}
