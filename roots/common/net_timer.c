/* SPDX-License-Identifier: BSD-2-Clause */
#include "net_timer.h"

enum {
	PRIORITY = 64 /* above guests, as an interrupt's work would be */
};

static uint64_t after(struct vio_net_clock *clock, uint32_t usecs)
{
	(void)clock;
	return arch_now() + usecs * arch_frequency() / 1000000;
}

static void wake(struct vio_net_clock *clock, uint64_t at)
{
	struct net_timer *timer = VIO_CONTAINER_OF(clock, struct net_timer, clock);

	timer->task.partition = timer->guest->partition;
	sched_block(&timer->task, at);
}

static void run(struct sched_entity *task)
{
	struct net_timer *timer = VIO_CONTAINER_OF(task, struct net_timer, task);

	sched_block(task, SCHED_NEVER);
	vio_net_tick(timer->net);
}

void net_timer_init(struct net_timer *timer, struct vio_net *net, struct guest *guest)
{
	*timer = (struct net_timer){
		.clock = { .after = after, .wake = wake },
		.task = { .priority = PRIORITY, .slice = arch_frequency() / 100, .run = run },
		.net = net,
		.guest = guest,
	};
	sched_add(&sched, &timer->task);
}

void net_timer_stop(struct net_timer *timer)
{
	sched_remove(&timer->task);
}
