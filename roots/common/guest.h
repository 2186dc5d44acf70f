/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests and their vCPUs, as far as every root has them alike; a root embeds these in its own.
 * docs/guests.md has the figures of both lives.
 *
 * What a guest is told to do is one call below: it happens, or is refused with the reason. Nothing
 * waits in such a call. What takes time (devices letting go of the guest's memory, zeroing that)
 * is a task's, with the guest's own priority and in its own windows: others do not pay for it.
 *
 * A guest's memory is zero when its program is loaded, and when it goes back to the pool.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "scheduler.h"
#include "space.h"
#include "vio_memory.h"
#include "vio_types.h"

/* ---- vCPUs ---- */

enum vcpu_state {
	VCPU_UNKNOWN, /* no guest's */
	VCPU_RESET,   /* off */
	VCPU_READY,   /* to run as soon as the scheduler lets it */
	VCPU_RUNNING, /* on a CPU */
	VCPU_PAUSED,  /* not to run for at least one reason */
	VCPU_HALTED, /* never to run again but by a reset; its registers are kept to be looked at */
	VCPU_STATES,
};

enum vcpu_step {
	VCPU_DO_CREATE,
	VCPU_DO_DESTROY,
	VCPU_DO_KICK,
	VCPU_DO_SCHEDULE,
	VCPU_DO_PREEMPT,
	VCPU_DO_PAUSE,
	VCPU_DO_RESUME,
	VCPU_DO_HALT,
	VCPU_DO_RESET,
	VCPU_STEPS,
};

/* Why a vCPU is paused; a bit each, for there may be several reasons. */
enum {
	VCPU_WAITS = 1,  /* for an interrupt */
	VCPU_PARKED = 2, /* at an access to a device that has to finish something first */
	VCPU_HELD = 4,   /* its guest is halted */
};

/* What a vCPU left its CPU for, as it is counted. */
enum exit_kind {
	EXIT_VIRTIO,    /* a register of the Virtio window */
	EXIT_BANK,      /* another virtual region, or nothing */
	EXIT_CALL,      /* a hypercall */
	EXIT_REGISTER,  /* a system register */
	EXIT_WAIT,      /* for an interrupt */
	EXIT_INTERRUPT, /* of the machine */
	EXIT_OTHER,
	EXIT_KINDS,
};

struct vcpu {
	struct guest *guest;
	unsigned index; /* in its guest */
	enum vcpu_state state;
	unsigned paused;            /* the reasons */
	bool rings;                 /* doorbells, when it leaves the CPU */
	struct sched_entity entity; /* its `cpus` may be set before guest_start() */
	uint64_t exits[EXIT_KINDS];
};

/* The step, if the figure has it; otherwise false, and nothing changes. */
bool vcpu_step(struct vcpu *vcpu, enum vcpu_step step);

/* vCPUs that are neither off nor halted, of all guests. */
extern unsigned vcpus_alive;

/* One more reason. `wake_at`: when VCPU_WAITS ends by itself, or SCHED_NEVER. */
void vcpu_pause(struct vcpu *vcpu, unsigned reason, uint64_t wake_at);

/* One reason less; the last lets it run again. */
void vcpu_resume(struct vcpu *vcpu, unsigned reason);

/* A vCPU that is off starts at `entry`; false: it is not off. */
bool vcpu_start(struct vcpu *vcpu, uint64_t entry, uint64_t argument);

/* ---- Guests ---- */

enum guest_state {
	GUEST_NONE,      /* not made yet, or killed: nothing of it is left */
	GUEST_CREATED,   /* is being configured */
	GUEST_PREPARING, /* the way to RUNNING, OFF or NONE: its task is at work */
	GUEST_RUNNING,
	GUEST_HALTED, /* can continue */
	GUEST_OFF,    /* over, but there */
	GUEST_STATES,
};

/* Why a call was refused. */
enum guest_error {
	GUEST_OK,
	GUEST_IS_NONE,
	GUEST_EXISTS,
	GUEST_NOT_STARTED,
	GUEST_STARTED,
	GUEST_NOT_RUNNING,
	GUEST_NOT_HALTED,
	GUEST_IS_OVER,
	GUEST_BUSY,
	GUEST_NO_MEMORY,
	GUEST_BAD_REGION,
	GUEST_NO_ROOM,
	GUEST_NO_TABLES,
	GUEST_BAD_RAM,
	GUEST_TAKEN,
	GUEST_BAD_INTERRUPT,
	GUEST_NOT_FIXED,
};

/* In words that complete "guest NAME: ". */
const char *guest_error_text(enum guest_error error);

/* What becomes of a guest that accesses what is not there. */
enum guest_policy {
	GUEST_STOP,  /* that is fatal: for bare metal */
	GUEST_ABORT, /* it gets the abort that real hardware gives, counted: for Linux */
};

/* How it ended. */
enum guest_end {
	GUEST_POWERED_OFF,
	GUEST_RESET,   /* it asked for a restart */
	GUEST_STOPPED, /* by a fatal error, which has been reported */
	GUEST_KILLED,
};

/*
 * A block of the machine's registers that one guest has to itself, with its interrupt. Set by the
 * system, of which it is; it outlives the guest.
 */
struct pass {
	const char *name;
	struct region registers; /* base, size and physical are set */
	unsigned intid;          /* of the machine and the guest alike; 0: it has none */
	/*
	 * The guest runs no more, and its interrupt is masked: makes the device let go of memory.
	 * False: it has not yet; asked again after guest_released(). NULL: it needs nothing.
	 */
	bool (*quiesce)(struct pass *pass);
	struct pass *next; /* of the guest's */
};

struct guest_entry {
	uint64_t pc; /* guest-physical */
	uint64_t argument;
	bool more; /* it has not been loaded yet: load() is to be called again */
};

/* The system's side of a guest. */
struct guest_ops {
	/*
	 * The start function: the memory is zero, devices and vCPUs are in reset state. Loads what
	 * the guest starts with, or, with `entry->more`, a part of that which takes no longer than
	 * others may wait. False: it cannot, and has said why.
	 */
	bool (*load)(struct guest *guest, struct guest_entry *entry);
	/*
	 * The guest runs no more: resets all its devices. False: a backend still holds guest
	 * memory; asked again after guest_released(). NULL: it has no devices.
	 */
	bool (*quiesce)(struct guest *guest);
	/* It is OFF or NONE now, `guest->end` says why. May start or make it anew. NULL: fine. */
	void (*over)(struct guest *guest);
	/*
	 * A hypercall in the range that is the system's own, with four arguments; returns what the
	 * guest gets. NULL: there are none, and it gets GUEST_CALL_UNKNOWN.
	 */
	int64_t (*call)(struct vcpu *vcpu, unsigned function, const uint64_t *x);
};

#define GUEST_CALL_UNKNOWN (-1)

struct guest {
	const char *name;
	unsigned number; /* 1 to 255, no two alike: also the VMID */
	unsigned vcpu_count;
	const struct guest_ops *ops;
	struct kit *kit; /* of one that was made with it (kit.h) */

	/* To be set between guest_create() and guest_start(). */
	enum guest_policy policy;
	unsigned restart_limit; /* fatal errors that only restart it; 0: the first ends it */
	bool restart_on_reset;  /* what the guest's own reset does: start again, or end */
	uint8_t priority;
	uint8_t partition;
	uint64_t slice;
	uint32_t cpus; /* where it runs, a bit each; 0: anywhere. A vCPU may have its own */
	/*
	 * All of its real regions are mapped when it starts, for good: no access of its own takes
	 * longer than another because the core has forgotten where memory is. Set before regions
	 * are added, so that RAM is taken where few mappings will do.
	 */
	bool fixed;

	enum guest_state state;
	enum guest_end end;       /* how it came to be OFF or NONE */
	enum guest_state to;      /* where PREPARING leads */
	struct sched_entity task; /* does that, and what its devices have deferred */
	struct {
		bool quiet; /* its devices are */
		unsigned region;
		uint64_t offset; /* memory before this is zero */
		bool reset;      /* so are its devices and vCPUs, and it is being loaded */
	} prepared;

	struct space space;
	struct pass *passes;
	struct vio_memory memory; /* what devices may reach */
	struct vio_region memory_regions[20];
	struct {
		uint64_t aborts;     /* accesses to nothing */
		uint64_t undefined;  /* instructions that were refused */
		uint64_t broken;     /* devices its drivers broke */
		uint64_t restarts;   /* after fatal errors */
		uint64_t held;       /* a new start or the end waited for a backend with memory */
		uint64_t kicks;      /* its devices had something to do */
		uint64_t interrupts; /* that its devices raised */
	} counters;
};

/*
 * Makes a guest in what is zeroed or a guest that was killed; it keeps `ops` and the name. The
 * settings are the usual ones: GUEST_STOP, no restarts, priority 1, its number as partition.
 */
enum guest_error guest_create(struct guest *guest, const char *name, unsigned number,
			      unsigned vcpu_count, const struct guest_ops *ops);

/*
 * Configures it: one more region, which outlives the guest. Real ones are mapped; memory is
 * devices' too, to read where the guest can only read. What is refused for want of tables or room
 * stays the guest's, for some of it may be mapped: kill it.
 */
enum guest_error guest_add(struct guest *guest, struct region *region);

/*
 * The same for memory taken from the pool, to which it goes back: `region` says base and size. The
 * base GUEST_DIRECT becomes the address that the machine has it at.
 */
#define GUEST_DIRECT UINT64_MAX
enum guest_error guest_add_memory(struct guest *guest, struct region *region, uint64_t alignment);

/*
 * Makes `region`, of which base and size are set, memory to be shared: from the pool, zeroed now
 * and never again, for guest_add() to each of those who are to have it. It stays when they go.
 */
enum guest_error guest_share(struct region *region);

/*
 * Configures it: the guest gets `pass`, which nobody else may have. GUEST_TAKEN: somebody has it,
 * the root or another guest, and root_print() has said who.
 */
enum guest_error guest_pass(struct guest *guest, struct pass *pass);

/* Life. GUEST_OK: done, or under way. GUEST_NOT_FIXED: nothing has changed. */
enum guest_error guest_start(struct guest *guest);
enum guest_error guest_halt(struct guest *guest);
enum guest_error guest_continue(struct guest *guest);
enum guest_error guest_restart(struct guest *guest);
enum guest_error guest_kill(struct guest *guest);

/* What the guest brings about itself: by a call, or by an error that its policy finds fatal. */
void guest_end(struct guest *guest, enum guest_end end);

/* The guest makes a call of the system's own range. */
int64_t guest_call(struct vcpu *vcpu, unsigned function, const uint64_t *x);

/* For guest_ops.call, of a guest that has no business to: a call is a fatal error. */
int64_t guest_call_is_fatal(struct vcpu *vcpu, unsigned function, const uint64_t *x);

/* A backend has let go of memory of the guest. */
void guest_released(struct guest *guest);

/* The guest's devices want arch_service(): at once if it runs, or in its turn. */
void guest_defer(struct guest *guest);

/* ---- The root's loop ---- */

/* All there is to run. */
extern struct sched sched;

/* A physical CPU; the first member of what the root knows of it. */
struct cpu {
	struct sched_cpu sched;
	struct vcpu *running; /* that guest_next() returned last, as long as that may go on */
};

static inline struct cpu *cpu_here(void)
{
	return VIO_CONTAINER_OF(sched_here(), struct cpu, sched);
}

/*
 * To be called on the way back to a guest when `attention` is set: the vCPU to go on with, which
 * is loaded. Runs tasks, and waits for interrupts, until there is one.
 */
struct vcpu *guest_next(void);

/* ---- What each root provides ---- */

/* The CPU's side of a guest: translation tables, interrupt controller. False: out of memory. */
bool arch_create(struct guest *guest);
void arch_destroy(struct guest *guest);

struct vcpu *arch_vcpu(struct guest *guest, unsigned index);
bool arch_map(struct guest *guest, const struct region *region);

/* All real regions are mapped for good (`fixed`). False: the core has no room for that. */
bool arch_fix(struct guest *guest);

/* All of the guest's vCPUs and its interrupt controller take their reset state. */
void arch_reset(struct guest *guest);

/* The reset state, but for where it starts. */
void arch_reset_vcpu(struct vcpu *vcpu, uint64_t entry, uint64_t argument);

/* Makes the vCPU the one whose state the CPU holds. */
void arch_load(struct vcpu *vcpu);

/* Another CPU may be in the vCPU: when this returns, it is not. */
void arch_stop(struct vcpu *vcpu);

/* Where the root sees physical memory; and makes what it wrote there visible without caches. */
void *arch_pointer(uint64_t physical);
void arch_clean(const void *start, uint64_t size);

/*
 * The machine's interrupt `intid` is the guest's, whose own interrupt of that number it becomes;
 * and is not any more. False: the guest has no such interrupt. Masked, it stays so until the guest
 * enables its own after its next reset.
 */
bool arch_pass(struct guest *guest, unsigned intid);
void arch_pass_back(struct guest *guest, unsigned intid);
void arch_mask(unsigned intid);

/* The level of a device's interrupt; any time between guest_create() and the guest's end. */
void arch_set_line(struct guest *guest, unsigned intid, bool up);

/* One batch of what the guest's devices have deferred; true: there is more. */
bool arch_service(struct guest *guest);

/* Ends the wait of the loaded vCPU if an interrupt is pending for it. */
void arch_poll(void);

/* Ticks; when to interrupt, SCHED_NEVER for not at all. */
uint64_t arch_now(void);
uint64_t arch_frequency(void); /* ticks of arch_now() a second */
void arch_timer(uint64_t deadline);

/*
 * Takes the physical interrupts that are pending; `wait`: sleeps until there is one. Other CPUs may
 * do anything meanwhile, as they may in arch_yield().
 */
void arch_interrupts(bool wait);
void arch_yield(void);

#endif
