/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The notification protocol, both directions at once: a driver makes REQUESTS requests, SIZE at a
 * time, and a device answers them; each sleeps when it finds nothing to do and trusts the other to
 * wake it. The device is look(), take and publish() of vio/core, step by step; the driver is what
 * Virtio 1.4 asks of one (2.7.7 to 2.7.13). A lost wake-up is a state in which nothing moves any
 * more and the driver is not done: SPIN's invalid end state.
 *
 * Memory is weak: a store stays in its CPU's buffer, each place in one of its own, until the
 * process `memory` lets it out, in any order between places but for a store with release, which
 * waits for the used entries before it. A fence waits until the own buffer is empty. Loads are in
 * program order: acquire is argued in docs/verification.md, not modelled.
 *
 * Defines: EVENT_IDX (else the flags decide), and what takes a part out, upon which SPIN must find
 * an error: NO_PUBLISH_FENCE, NO_LOOK_FENCE, NO_SECOND_LOOK, NO_RELEASE.
 *
 * Split and packed rings share this protocol: of a packed ring the index is the position and wrap
 * counter up to which entries are available, or used, and the event the 16 bits of off_wrap.
 */
#ifndef REQUESTS
#define REQUESTS 4
#endif
#define SIZE 2
#define LAPS 8 /* indices wrap here, in place of 2^16 */

#define passed(event, now, old) ((now + 2 * LAPS - event - 1) % LAPS < (now + LAPS - old) % LAPS)

/* What the other CPU sees, what is on its way there, and whether there is something on its way. */
byte avail, avail_late;
bool avail_buffered;
byte used_event, used_event_late;
bool used_event_buffered;
bool no_interrupt, no_interrupt_late;
bool no_interrupt_buffered;
byte used, used_late;
bool used_buffered;
byte avail_event, avail_event_late;
bool avail_event_buffered;
byte entry[SIZE], entry_late[SIZE];
bool entry_buffered[SIZE];

bool kicked;      /* QueueNotify: latched */
bool interrupted; /* InterruptStatus, acknowledged by the driver */

#define store(place, value) \
	atomic { place##_late = value; place##_buffered = true }
#define let_out(place) \
	atomic { place##_buffered -> place = place##_late; place##_buffered = false }
#define driver_fence() (!avail_buffered && !used_event_buffered && !no_interrupt_buffered)
#define entries_out    (!entry_buffered[0] && !entry_buffered[1])
#define device_fence() (!used_buffered && !avail_event_buffered && entries_out)

#ifdef NO_RELEASE
#define may_show_used true
#else
#define may_show_used entries_out
#endif

active proctype memory()
{
end:	do
	:: let_out(avail)
	:: let_out(used_event)
	:: let_out(no_interrupt)
	:: let_out(avail_event)
	:: atomic { used_buffered && may_show_used -> used = used_late; used_buffered = false }
	:: atomic { entry_buffered[0] -> entry[0] = entry_late[0]; entry_buffered[0] = false }
	:: atomic { entry_buffered[1] -> entry[1] = entry_late[1]; entry_buffered[1] = false }
	od
}

active proctype device()
{
	byte next, seen;     /* avail_next, avail_seen */
	byte done, shown;    /* used_next, and what of it was published */
	byte budget, number; /* requests are numbered from 1 */
	byte index, event;

end:	atomic { kicked -> kicked = false }
batch:	budget = SIZE;
	do
	:: budget == 0 ->
		break
	:: budget != 0 ->
		if
		:: next == seen ->
			index = avail;
#ifdef EVENT_IDX
			if
			:: index == next ->
				store(avail_event, next);
#ifndef NO_LOOK_FENCE
				device_fence();
#endif
#ifndef NO_SECOND_LOOK
				index = avail
#endif
			:: index != next
			fi;
#endif
			seen = index
		:: next != seen
		fi;
		if
		:: next == seen ->
			break
		:: next != seen ->
			next = (next + 1) % LAPS;
			budget--;
			number++;
			atomic {
				entry_late[done % SIZE] = number;
				entry_buffered[done % SIZE] = true
			}
			done = (done + 1) % LAPS
		fi
	od;

	if
	:: done != shown ->
		store(used, done);
#ifndef NO_PUBLISH_FENCE
		device_fence();
#endif
#ifdef EVENT_IDX
		event = used_event;
		if
		:: passed(event, done, shown) -> interrupted = true
		:: else
		fi;
#else
		if
		:: !no_interrupt -> interrupted = true
		:: else
		fi;
#endif
		shown = done
	:: done == shown
	fi;
	if
	:: budget == 0 -> goto batch
	:: budget != 0 -> goto end
	fi
}

active proctype driver()
{
	byte made, shown, last; /* avail index, what of it was published, used entries seen */
	byte sent, got;
	byte index, event;

	do
	:: got == REQUESTS ->
		break

	/* Makes one request available, or more. */
	:: sent < REQUESTS && sent - got < SIZE ->
		do
		:: sent < REQUESTS && sent - got < SIZE ->
			made = (made + 1) % LAPS;
			sent++
		:: made != shown ->
			break
		od;
		store(avail, made);
		driver_fence();
#ifdef EVENT_IDX
		event = avail_event;
		if
		:: passed(event, made, shown) -> kicked = true
		:: else
		fi;
#else
		kicked = true;
#endif
		shown = made

	/* Takes what was used; when there is nothing, asks to be woken, looks again, and sleeps. */
	:: got < sent ->
#ifndef EVENT_IDX
		store(no_interrupt, true);
#endif
		index = used;
		do
		:: last != index ->
			got++;
			last = (last + 1) % LAPS;
			assert(entry[(last + LAPS - 1) % SIZE] == got)
		:: last == index ->
			break
		od;
#ifdef EVENT_IDX
		store(used_event, last);
#else
		store(no_interrupt, false);
#endif
		driver_fence();
		index = used;
		if
		:: last != index
		:: last == index && got < sent ->
			atomic { interrupted -> interrupted = false }
		:: last == index && got == sent
		fi
	od
}
