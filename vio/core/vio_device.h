/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A Virtio device: its type as a const table of data, its instance, and its life (Virtio 1.4,
 * 2.1 to 2.5, 3.1, 3.4).
 *
 *	reset --ACKNOWLEDGE, DRIVER, FEATURES_OK--> negotiated --DRIVER_OK--> running
 *	  ^                                                                   |  | ^
 *	  |                                                           SUSPEND |  | | DRIVER_OK
 *	  |                                                                   |  v |
 *	  |                                                                   | suspended
 *	  |                                            driver breaks a ring: NEEDS_RESET
 *	  |                                                                   v
 *	  +------- Status = 0, when no backend holds guest memory --------- broken
 *
 * A legacy driver (2.2.3, 3.1.2) negotiates by writing its features, which become final when it
 * sets up its first queue, and may use a queue from then on: FEATURES_OK and DRIVER_OK are not
 * waited for.
 *
 * Status bits only accumulate until a reset, but that DRIVER_OK and SUSPEND change places. A reset
 * drops what is in flight at once, as far as the driver can tell, but is over only when the backend
 * has let go of the last buffer: until then vio_device_reset() has returned false, the root holds
 * back the writer, and the transport is told by `released` when it is done.
 *
 * A suspended device leaves rings, config space and driver alone. It takes no more once it is told
 * to suspend, and is suspended when all that it had taken is used. A device that its root pauses
 * does the same, and the driver sees no more of it than a slow device.
 *
 * Nothing here is a driver's or a transport's register: transports decode those.
 */
#ifndef VIO_DEVICE_H
#define VIO_DEVICE_H

#include "vio_memory.h"
#include "vio_queue.h"

/* Queues of one device: `pending` has a bit for each. */
#define VIO_QUEUES_MAX 32

struct vio_queue_type {
	uint16_t size_max; /* entries, a power of two; QueueSizeMax */
	void (*notify)(struct vio_device *device, struct vio_queue *queue);
};

/*
 * Feature `feature` is offered and accepted only with `needs`, 2.2.1. Bit numbers. A row on what
 * `needs` itself needs comes before this one.
 */
struct vio_feature_need {
	uint8_t feature;
	uint8_t needs;
};

/* One field, or array, of the device's config space; the struct is in the CPU's byte order. */
struct vio_config_field {
	uint16_t offset; /* bytes from the start of the config space, and of the struct */
	uint8_t width;   /* 1, 2, 4 or 8 bytes */
	uint8_t count;   /* elements */
	bool writable;   /* by the driver */
};

#define VIO_CONFIG_FIELD(type, member, is_writable)                                                \
	{                                                                                          \
		.offset = offsetof(type, member), .width = sizeof(((type *)0)->member),            \
		.count = 1, .writable = (is_writable)                                              \
	}

#define VIO_CONFIG_ARRAY(type, member, is_writable)                                                \
	{                                                                                          \
		.offset = offsetof(type, member), .width = sizeof(((type *)0)->member[0]),         \
		.count = VIO_ARRAY_SIZE(((type *)0)->member), .writable = (is_writable)            \
	}

struct vio_device_type {
	const char *name;
	uint32_t id;       /* Virtio device ID, 5 */
	uint64_t features; /* the type's own bits; core and transport add theirs */

	const struct vio_queue_type *queues;
	const struct vio_config_field *fields;
	const struct vio_feature_need *needs;
	uint8_t queue_count;
	uint8_t field_count;
	uint8_t need_count;

	/*
	 * Hooks, each optional. `reset`: forget the driver, cancel what the backend can cancel;
	 * requests still with the backend are completed later as ever. `negotiated`: the driver
	 * said that the features are final, FEATURES_OK, and may read the config space by them from
	 * now on; a legacy driver says so by DRIVER_OK only. `enabled`: the features are final, and
	 * queues are about to open: DRIVER_OK, or, before that, the first queue that a legacy
	 * driver sets up. `halting`: suspend or pause begins; queues are still open.
	 * `config_written`: the driver wrote `width` bytes at `offset`; those in writable fields
	 * are in the struct. `configure`: after vio_device_config_changed(), at once or when the
	 * device is no more suspended: bring the config struct up to date. A device changes what
	 * the driver can read there nowhere else, but for what follows from features, or from what
	 * the driver wrote.
	 */
	void (*reset)(struct vio_device *device);
	void (*negotiated)(struct vio_device *device);
	void (*enabled)(struct vio_device *device);
	void (*halting)(struct vio_device *device);
	void (*configure)(struct vio_device *device);
	void (*config_written)(struct vio_device *device, uint32_t offset, unsigned width);

	/*
	 * What the device itself knows of its driver and is not in the config struct's read-only
	 * fields: `state_bytes`, in a byte order of their own. For vio_state.h: `save` when no
	 * request is with the backend; `can_restore` whether there can be such bytes, of one
	 * like `device`, which is as attached, with these features (0 before they are final), and
	 * that was `enabled` or not; `restore`, when that was true, to a device that was `enabled`
	 * if the saved one had been.
	 */
	uint16_t state_bytes;
	void (*save)(const struct vio_device *device, void *state);
	bool (*can_restore)(const struct vio_device *device, uint64_t negotiated, bool is_enabled,
			    const void *state);
	void (*restore)(struct vio_device *device, const void *state);
};

/* Why the driver is interrupted: the bits of InterruptStatus, 4.2.2. */
enum {
	VIO_INTERRUPT_USED = 1,
	VIO_INTERRUPT_CONFIG = 2,
};

/* What a transport does for a device. `features`: the bits 24 to 49 it can carry. */
struct vio_transport {
	uint64_t features;
	/*
	 * The legacy interface, 1.3.1: the ring format for its guest's byte order, which is that of
	 * config space and requests, too. NULL: not legacy, and little-endian.
	 */
	const struct vio_ring *legacy_ring;
	bool big_endian;
	void (*interrupt)(struct vio_device *device, uint32_t cause);
	/* vio_device_serve() is wanted, soon and not from inside this call. */
	void (*defer)(struct vio_device *device);
	/* A reset, disable or pause that returned false is over. */
	void (*released)(struct vio_device *device);
	/* DEVICE_NEEDS_RESET was set: an event for the root. */
	void (*failed)(struct vio_device *device, enum vio_error error);
};

struct vio_device {
	const struct vio_device_type *type;
	const struct vio_transport *transport; /* NULL while attached to none */
	void *slot;                            /* the transport's own */
	const struct vio_memory *memory;       /* the guest's; NULL while attached to none */

	struct vio_queue *queues;
	struct vio_queue_config *configs;
	struct vio_spans spans;             /* of vio_queue_take() */
	void *config;                       /* the type's config struct */
	struct vio_completion *completions; /* where buffers are used in order: `entries` a queue */

	uint64_t features; /* the instance's share of type->features */
	uint64_t offered;
	uint64_t driver_features; /* as the driver wrote them */
	uint64_t negotiated;      /* 0 before FEATURES_OK, or `agreed` */

	uint32_t generation; /* ConfigGeneration */
	uint32_t pending;    /* queues to look at, a bit each */
	uint32_t errors;     /* times DEVICE_NEEDS_RESET was set */
	uint8_t status;      /* VIO_STATUS_ */
	bool resetting;
	bool agreed;     /* the features are final, `enabled` was called */
	bool suspending; /* or suspended: then the status says so */
	bool paused;     /* by the root, or about to be */
	bool untold;     /* of a change of the config space: until DRIVER_OK */
	bool swapped;    /* the driver's byte order is not this CPU's */
	uint16_t entries;
};

/*
 * The objects a device needs for its queues; `size` is the largest size_max. Embed one in the
 * device and hand it over with VIO_STORAGE().
 */
#define VIO_DEVICE_STORAGE(queue_count, size)                                                      \
	struct {                                                                                   \
		struct vio_queue queues[queue_count];                                              \
		struct vio_queue_config configs[queue_count];                                      \
		uint8_t in_flight[queue_count][size];                                              \
		struct vio_completion completions[queue_count][size];                              \
		struct vio_span spans[size];                                                       \
	}

struct vio_storage {
	struct vio_queue *queues;
	struct vio_queue_config *configs;
	uint8_t *in_flight;
	struct vio_completion *completions;
	struct vio_span *spans;
	uint16_t entries; /* of `in_flight` and `completions`, for each queue */
	uint16_t span_count;
};

#define VIO_STORAGE(s)                                                                             \
	(&(const struct vio_storage){                                                              \
		.queues = (s)->queues,                                                             \
		.configs = (s)->configs,                                                           \
		.in_flight = (s)->in_flight[0],                                                    \
		.completions = (s)->completions[0],                                                \
		.spans = (s)->spans,                                                               \
		.entries = VIO_ARRAY_SIZE((s)->in_flight[0]),                                      \
		.span_count = VIO_ARRAY_SIZE((s)->spans),                                          \
	})

/* ---- For devices ---- */

/*
 * Makes `device` one of `type`. `features`: which of the type's bits this instance can honour.
 * `config`: the type's config struct, or NULL; it and the storage (NULL without queues) must
 * outlive the device.
 */
void vio_device_init(struct vio_device *device, const struct vio_device_type *type,
		     uint64_t features, void *config, const struct vio_storage *storage);

/* Whether the driver accepted the feature with this bit number. */
static inline bool vio_device_has(const struct vio_device *device, unsigned feature)
{
	return (device->negotiated & VIO_BIT(feature)) != 0;
}

/* Whether the driver is held to the legacy interface; never without a transport. */
static inline bool vio_device_is_legacy(const struct vio_device *device)
{
	return device->transport->legacy_ring != NULL;
}

/*
 * A field of a request: from the byte order it has in guest memory to the CPU's, or back. That is
 * little-endian, and the guest's own on a legacy transport (1.4, 2.7.3).
 */
static inline uint16_t vio_device_wire16(const struct vio_device *device, uint16_t value)
{
	return device->swapped ? __builtin_bswap16(value) : value;
}

static inline uint32_t vio_device_wire32(const struct vio_device *device, uint32_t value)
{
	return device->swapped ? __builtin_bswap32(value) : value;
}

static inline uint64_t vio_device_wire64(const struct vio_device *device, uint64_t value)
{
	return device->swapped ? __builtin_bswap64(value) : value;
}

/* vio_queue_take_into() the device's own spans: they are the request's until the next take. */
static inline bool vio_queue_take(struct vio_queue *queue, struct vio_request *req)
{
	return vio_queue_has_next(queue) && vio_queue_take_next(queue, req, &queue->device->spans);
}

/*
 * Something that the config space shows has changed: `configure` is called, the generation goes on,
 * and the driver is interrupted, 2.5; one that has begun but does not run yet, at DRIVER_OK. Reads
 * of the driver are serialised with this call, so what it reads between two equal generations is of
 * one moment.
 */
void vio_device_config_changed(struct vio_device *device);

/* ---- For transports ---- */

/* Gives the device a transport and a guest, and resets it. Both outlive the attachment. */
void vio_device_attach(struct vio_device *device, const struct vio_transport *transport, void *slot,
		       const struct vio_memory *memory);

/* Takes features back from the offer, and those that need them; before the driver looks. */
void vio_device_withhold(struct vio_device *device, uint64_t features);

/* One 32-bit window of the offered features, and the driver's answer; 0 and ignored from 2 up. */
uint32_t vio_device_offered(const struct vio_device *device, uint32_t window);
void vio_device_accept(struct vio_device *device, uint32_t window, uint32_t bits);

/* The driver writes Status, not 0: bits are added where the life cycle allows. */
void vio_device_set_status(struct vio_device *device, uint32_t bits);

/*
 * Back to the state before the first driver. False: a backend still holds guest memory; `released`
 * will be called when it is over. Also how a device is taken away from its guest.
 */
bool vio_device_reset(struct vio_device *device);

/*
 * The device takes no more buffers, whatever the driver does; true: nothing of the guest's is with
 * a backend. False: `released` will say when to ask again. Not from inside a notify handler. The
 * driver can still do all it could, a reset included.
 */
bool vio_device_pause(struct vio_device *device);

/* All queues are looked at again, soon. */
void vio_device_resume(struct vio_device *device);

/* The queue's configuration for the driver to write; NULL: no such queue, or it is live. */
struct vio_queue_config *vio_device_queue_config(struct vio_device *device, uint32_t index);

/* Makes the queue live if its configuration is right; `ready` says whether. */
void vio_device_enable_queue(struct vio_device *device, uint32_t index);

/* Takes the queue out of use; returns as vio_device_reset(). */
bool vio_device_disable_queue(struct vio_device *device, uint32_t index);

/*
 * QueueReset, 2.6.1: as disabling, and the configuration is forgotten. Ignored where not
 * negotiated or not live. It is over when the queue's `closing` is.
 */
void vio_device_reset_queue(struct vio_device *device, uint32_t index);

/*
 * The driver notified queue `index`: latched for vio_device_serve(). False: no queue that is open,
 * ignored.
 */
static inline bool vio_device_notify(struct vio_device *device, uint32_t index)
{
	if (vio_unlikely(index >= device->type->queue_count || !device->queues[index].open))
		return false;
	device->queues[index].counters.kicks++;
	device->pending |= UINT32_C(1) << index;
	return true;
}

/*
 * Runs the notify handlers of all queues that were notified, one batch each. What is left
 * after that asks for the next call by the transport's `defer`.
 */
void vio_device_serve(struct vio_device *device);

/*
 * Config space access of 1, 2, 4 or 8 bytes at any offset (2.5): the value's lowest byte is the one
 * at `offset`. What lies in no field reads 0 and is not written.
 */
uint64_t vio_device_config_read(const struct vio_device *device, uint32_t offset, unsigned width);
void vio_device_config_write(struct vio_device *device, uint32_t offset, unsigned width,
			     uint64_t value);

/* ---- Inside the core ---- */

/* Whether a backend holds guest memory: requests of this driver or of one before it. */
bool vio_device_holds_memory(const struct vio_device *device);

/*
 * As vio_device_enable_queue(), from where an idle ring was left: its next entry, and the wrap
 * counter there, true in split rings. Returns whether the queue is live now.
 */
bool vio_device_enable_queue_at(struct vio_device *device, uint32_t index, uint16_t next,
				bool wrap);

/* The driver's features are final, and queues are about to open. Once a driver. */
void vio_device_agree(struct vio_device *device);

/* Of what a driver wrote, what it gets; and whether it would be told FEATURES_OK. */
uint64_t vio_device_usable_features(const struct vio_device *device, uint64_t driver_features);
bool vio_device_accepts(const struct vio_device *device, uint64_t driver_features);

/*
 * Whether a queue like that, with these features, can be made of `config`, from such a position on;
 * `queue` then has a ring.
 */
bool vio_device_map_queue(const struct vio_device *device, uint64_t features,
			  const struct vio_queue_config *config, uint16_t next, bool wrap,
			  struct vio_queue *queue);

/* The driver broke a ring: DEVICE_NEEDS_RESET, every queue closed, driver and root told, 2.1.2. */
void vio_device_fail(struct vio_device *device, enum vio_error error);

/* A late completion let go of guest memory: the last one ends the reset, halt or disable. */
void vio_device_let_go(struct vio_device *device);

#endif
