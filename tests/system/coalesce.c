/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What `ethtool -C` does: an interrupt for so many frames in a direction, or so long after the
 * first of them.
 *
 * usage: coalesce INTERFACE FRAMES MICROSECONDS
 */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct ethtool_coalesce settings = { .cmd = ETHTOOL_GCOALESCE };
	struct ifreq request = { .ifr_data = (void *)&settings };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (argc != 4 || strlen(argv[1]) >= sizeof(request.ifr_name))
		return 2;
	strcpy(request.ifr_name, argv[1]);
	if (ioctl(fd, SIOCETHTOOL, &request) != 0) {
		perror("reading the settings");
		return 1;
	}
	settings.cmd = ETHTOOL_SCOALESCE;
	settings.rx_max_coalesced_frames = (unsigned)atoi(argv[2]);
	settings.rx_coalesce_usecs = (unsigned)atoi(argv[3]);
	/* Both queues have one line, and the driver looks at both when it rises. */
	settings.tx_max_coalesced_frames = settings.rx_max_coalesced_frames;
	settings.tx_coalesce_usecs = settings.rx_coalesce_usecs;
	if (ioctl(fd, SIOCETHTOOL, &request) != 0) {
		perror("setting them");
		return 1;
	}
	return 0;
}
