/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several CPUs in one root.
 *
 * There is one lock. A CPU has it while it is in the root, and lets go of it when it enters a guest
 * or sleeps. So one CPU at a time looks at what the root keeps, devices and their backends
 * included, which need to know nothing of this; guests run beside each other and beside the root.
 * The lock is fair (lock.h). It is held no longer than the longest step between two calls of
 * smp_yield(): a batch of a device's requests, or a MiB zeroed. smp_use says how long that was, and
 * how long others waited. With one CPU there is no lock: its vectors lead to trap.c at once.
 *
 * A CPU has two ways to another:
 *
 *	call	An interrupt, sent when the lock is let go. The other leaves its guest, and looks
 *		whether to choose anew, and for interrupts that came up for its vCPU.
 *	take	The state that the other has loaded is wanted now: its vCPU is reset, runs here
 *		next, or it is about its list registers. The other leaves guest or sleep, and puts
 *		the state into memory while it waits for the lock; until then we wait, with the
 *		lock. That is short: without the lock a CPU does nothing that takes long.
 *
 * So an exit may find, once it has the lock, that the state of its vCPU is gone. If the CPU is
 * still to run that one, the state is fetched back, and the exit goes on as if nothing had been:
 * ESR_EL2, FAR_EL2 and HPFAR_EL2 are the CPU's, and still those of the exit. Otherwise the vCPU has
 * been reset, and the exit has never been.
 */
#include "smp.h"

#include "irq.h"
#include "lock.h"
#include "machine.h"
#include "mmu.h"
#include "root.h"
#include "stack.h"
#include "trace.h"
#include "trap.h"
#include "vcpu.h"

#define PSCI_CPU_ON 0xc4000003
#define AFFINITY    0xff00ffffffU

/* Turns of a loop: a CPU that waits for the lock, and runs, takes one that is free before that. */
#define GLANCE      1000

bool smp_shared;
struct smp_use smp_use;

static struct lock lock;
static uint64_t held_since;

/* ---- The lock ---- */

/* What another CPU wants of this one while that has the lock. */
static void give(struct arm_cpu *cpu)
{
	if (!__atomic_load_n(&cpu->wanted, __ATOMIC_ACQUIRE))
		return;
	vcpu_load(NULL);
	__atomic_store_n(&cpu->wanted, false, __ATOMIC_RELEASE);
}

static void wait_for_lock(void)
{
	struct arm_cpu *cpu = arm_cpu();
	struct lock_waiter waiter;
	uint64_t began = arch_now();
	uint64_t waited;

	lock_wait(&lock, &waiter);
	while (!lock_try_waiting(&lock, &waiter)) {
		give(cpu);
		relax();
	}
	waited = arch_now() - began;
	smp_use.waits++;
	smp_use.waited += waited;
	if (waited > smp_use.waited_most)
		smp_use.waited_most = waited;
}

static void take_lock(void)
{
	if (!lock_try(&lock))
		wait_for_lock();
	held_since = arch_now();
}

/* A step is over. */
static void count(uint64_t now)
{
	uint64_t held = now - held_since;

	held_since = now;
	smp_use.steps++;
	smp_use.held += held;
	if (held > smp_use.held_most)
		smp_use.held_most = held;
}

static void let_go(void)
{
	uint32_t calls = sched.calls;

	count(arch_now());
	sched.calls = 0;
	lock_release(&lock);
	for (; calls; calls &= calls - 1)
		gic_call(&arm_cpus[__builtin_ctz(calls)]);
}

void smp_yield(void)
{
	uint32_t takings = lock_takings(&lock);

	if (!smp_shared)
		return;
	if (!lock_is_waited_for(&lock)) {
		count(arch_now());
		return;
	}
	let_go();
	for (unsigned i = 0; i < GLANCE && lock_takings(&lock) == takings; i++)
		relax();
	take_lock();
}

void smp_sleep(void)
{
	if (!smp_shared) {
		wfi();
		return;
	}
	let_go();
	wfi(); /* which a call ends, also one that came before it */
	take_lock();
}

void smp_take(struct arm_cpu *cpu)
{
	smp_use.taken++;
	__atomic_store_n(&cpu->wanted, true, __ATOMIC_RELEASE);
	gic_call(cpu);
	while (__atomic_load_n(&cpu->wanted, __ATOMIC_ACQUIRE))
		relax();
}

/* ---- Exits ---- */

/* False: what brought the vCPU here is no more. */
static bool arrive(struct arm_vcpu *vcpu)
{
	take_lock();
	if (vio_likely(is_loaded(vcpu)))
		return true;
	if (cpu_here()->running != &vcpu->vcpu)
		return false;
	vcpu_load(vcpu);
	return true;
}

struct arm_vcpu *smp_leave(struct arm_vcpu *vcpu)
{
	if (!smp_shared)
		return vcpu;
	if (vio_unlikely(!is_loaded(vcpu)))
		vcpu_load(vcpu);
	vgic_look(vcpu);
	let_go();
	return vcpu;
}

static struct arm_vcpu *next(void)
{
	return arm_vcpu(guest_next());
}

struct arm_vcpu *trap_sync_shared(struct arm_vcpu *vcpu, uint64_t esr)
{
	if (!arrive(vcpu))
		vcpu = next();
	else if (vio_unlikely(trace != NULL))
		vcpu = trap_sync_traced(vcpu, esr);
	else
		vcpu = trap_sync(vcpu, esr);
	return smp_leave(vcpu);
}

struct arm_vcpu *trap_irq_shared(struct arm_vcpu *vcpu, uint64_t esr)
{
	if (!arrive(vcpu))
		vcpu = next();
	else if (vio_unlikely(trace != NULL))
		vcpu = trap_irq_traced(vcpu, esr);
	else
		vcpu = trap_irq(vcpu);
	return smp_leave(vcpu);
}

struct arm_vcpu *trap_serror_shared(struct arm_vcpu *vcpu, uint64_t esr)
{
	if (!arrive(vcpu))
		vcpu = next();
	else if (vio_unlikely(trace != NULL))
		vcpu = trap_serror_traced(vcpu, esr);
	else
		vcpu = trap_serror(vcpu, esr);
	return smp_leave(vcpu);
}

/* ---- Starting ---- */

extern const char cpu_start[];

/* By start.S, on the stack of a CPU that has just been started. */
_Noreturn void smp_main(void);
_Noreturn void smp_main(void)
{
	mmu_join();
	gic_join();
	irq_init();
	trap_init();
	take_lock();
	cpu_init((unsigned)(arm_cpu() - arm_cpus));
	vcpu_enter(smp_leave(next()));
}

/* It finds its struct arm_cpu at the end of its stack. */
static void start(unsigned number, uint64_t mpidr)
{
	struct arm_cpu **sp = (struct arm_cpu **)&stacks[number + 1] - 2;
	int64_t error;

	*sp = &arm_cpus[number];
	dsb();
	error = (int64_t)smc(PSCI_CPU_ON, mpidr, to_physical(cpu_start), (uint64_t)sp);
	if (error)
		root_print("vio-root: the machine's CPU %lx does not start: PSCI error %lx\n",
			   mpidr, (uint64_t)-error);
}

void smp_start(void)
{
	const uint64_t self = read_sysreg(mpidr_el1) & AFFINITY;
	unsigned number = 1;

	if (machine.cpu_count < 2)
		return;
	smp_shared = true;
	trap_init();
	take_lock();
	for (unsigned i = 0; i < machine.cpu_count && number < CPUS_MAX; i++) {
		if (machine.cpus[i] != self)
			start(number++, machine.cpus[i]);
	}
}
