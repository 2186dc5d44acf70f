/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vCPU back-end: how a guest's instructions run on the core there is.
 *
 *	VZ	guest mode of the VZ ASE: the core has a second CP0 and a second TLB for the guest,
 *		and translates what the guest calls physical by the root's TLB (vz.c)
 *	TE	trap and emulate, on a core without that but with segmentation control: the guest's
 *		kernel runs in user mode, to which all segments are opened; its CP0 and its TLB are
 *		software, and the core's TLB is a shadow of both stages (te.c)
 *
 * The root is linked with all of them and takes the first that finds its core.
 *
 * Who does what. vectors.S saves and restores the general registers, HI, LO and PC, and is the same
 * for all: guest or root is told by Status.KSU. Interrupts are the root's own (irq.c). All other
 * exceptions come to `exit`, with the vCPU's registers saved, interrupts off, and Cause, BadVAddr,
 * BadInstr and BadInstrP still those of the exception: nothing but the back-end reads them. It does
 * what is its own business (the guest's CP0, TLBs, exceptions that are the guest's), moves the PC,
 * and comes back up through one of the calls at the end of this file with what it cannot know:
 *
 *	an access to what is not memory		trap_access()
 *	WAIT					trap_wait()
 *	HYPCALL					trap_hypercall()
 *	what no guest may do			trap_stop()
 *
 * After any exit, and only if `attention` or the vCPU's own `stale` is set, there is more to do
 * before the guest goes on: other tasks and vCPUs may have their turn, and `prepare` is called for
 * the vCPU whose turn it is in the end.
 *
 * Time. Guests see the core's Count plus an offset of their own. A guest's timer interrupt is the
 * back-end's: when it is to come while the vCPU is not on the core, or the core cannot raise it,
 * the root's own timer does (timer.c): `timer_at` says when, and `prepare` is called when it is
 * past.
 *
 * Mappings. Of a guest's memory the back-end knows nothing in advance: it asks space_page() when an
 * access finds none, and may keep the answer until `unmap`. A guest that wants its memory `fixed`,
 * a matter of worst-case times, has all of it asked for by `fix`.
 */
#ifndef BACKEND_H
#define BACKEND_H

#include <stdbool.h>
#include <stdint.h>

struct guest;
struct mips_guest;
struct mips_vcpu;

struct backend_ops {
	const char *name; /* for the option cpu= and for reports */

	/* Whether this core is one for it, as its Config registers say. */
	bool (*probe)(void);
	/* Once, before the first guest. */
	void (*init)(void);

	/* A guest is made, or goes: what is there once for a guest (a GuestID). False: there is
	 * none. */
	bool (*create)(struct mips_guest *guest);
	void (*destroy)(struct mips_guest *guest);

	/*
	 * The state of a core after reset but as the board says at entry: kernel mode, BEV,
	 * interrupts off, its TLB empty, all lines down. General registers and PC are the caller's.
	 * Never of the vCPU that is loaded.
	 */
	void (*reset)(struct mips_vcpu *vcpu);

	/* The core takes this vCPU's state; `save` is its end. One at a time. */
	void (*load)(struct mips_vcpu *vcpu);
	void (*save)(struct mips_vcpu *vcpu);

	/* An exit that is no interrupt; `refill`: by the vector for TLB refills. Of the loaded
	 * vCPU. */
	void (*exit)(struct mips_vcpu *vcpu, bool refill);

	/*
	 * Before the loaded vCPU goes on: its PC, lines or timer may not be what they were. Clears
	 * `stale`; an interrupt that it can take, it takes.
	 */
	void (*prepare)(struct mips_vcpu *vcpu);

	/* IP2 to IP6 of the vCPU, loaded or not, are up or down as these bits of Cause say. */
	void (*lines)(struct mips_vcpu *vcpu, uint32_t up);

	/* IP0 or IP1 comes up as if the guest had set it in its Cause, where it can clear it. */
	void (*set_cause)(struct mips_vcpu *vcpu, uint32_t bit);

	/* Whether WAIT would end: an interrupt is pending that Status.IM lets through. Loaded or
	 * not. */
	bool (*pending)(const struct mips_vcpu *vcpu);

	/* When its timer interrupt is to come, in ticks of the root's clock; SCHED_NEVER: not. */
	uint64_t (*timer_at)(const struct mips_vcpu *vcpu);
	/* The core raises the loaded vCPU's timer interrupt itself: the root's timer need not. */
	bool (*has_timer)(void);

	/*
	 * Guest-virtual to guest-physical, as a data read of the loaded vCPU in its present mode;
	 * false: it is not mapped. Without side effects.
	 */
	bool (*translate)(struct mips_vcpu *vcpu, uint32_t address, uint64_t *physical);

	/* The guest's CP0, for reports and debuggers; `number` < 32, `select` < 8. */
	uint32_t (*read_cp0)(struct mips_vcpu *vcpu, unsigned number, unsigned select);

	/* Go on behind the instruction that exited, delay slot or not. */
	void (*skip)(struct mips_vcpu *vcpu);

	/* The guest takes an exception at the instruction that exited: EXC_DBE, EXC_IBE, EXC_RI. */
	void (*inject)(struct mips_vcpu *vcpu, unsigned code);

	/* The guest is made anew: what has been mapped as it came to it is forgotten. */
	void (*unmap)(struct mips_guest *guest);

	/*
	 * All of the guest's memory and devices are mapped, until `destroy`. False, with nothing
	 * changed: there is no room. NULL: it cannot.
	 */
	bool (*fix)(struct mips_guest *guest);

	/* Its exits of this life by kind, in a line for people and benches; or NULL. */
	void (*say_exits)(const struct mips_vcpu *vcpu);
};

extern const struct backend_ops backend_te, backend_vz;

/* Which it is. */
extern const struct backend_ops *backend;

/* Takes the one called `name`, or with NULL the first that finds its core; none ends the machine.
 */
void backend_choose(const char *name);

/* ---- What a back-end asks of the root ---- */

/* Guest-physical memory around one address, as the core may map it. */
struct backend_page {
	uint64_t physical; /* of the address itself */
	uint64_t before;   /* bytes of memory in a row before it, in the guest and here; */
	uint64_t behind;   /* and from it on: at least 1 */
	bool writable;
	bool device; /* real registers: uncached */
};

/* False: there is no memory at `address`; an access to it is for trap_access(). */
bool space_page(const struct guest *guest, uint64_t address, struct backend_page *page);

enum backend_access {
	ACCESS_READ,
	ACCESS_WRITE,
	ACCESS_FETCH,
};

/*
 * The guest's instruction `word` accesses guest-physical `address`, where it has no such right: a
 * register bank, memory that it must not write, or nothing at all.
 */
void trap_access(struct mips_vcpu *vcpu, uint64_t address, uint32_t word,
		 enum backend_access access);

/* WAIT; the PC is behind it. */
void trap_wait(struct mips_vcpu *vcpu);

/* HYPCALL with this code; the PC is behind it, arguments and result are in the registers. */
void trap_hypercall(struct mips_vcpu *vcpu, unsigned code);

/* The guest did `what`, which is fatal: reported with all its registers. */
void trap_stop(struct mips_vcpu *vcpu, const char *what, uint64_t address);

#endif
