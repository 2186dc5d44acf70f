# Proofs: CBMC over the source as it is, SPIN over a model of the notification protocol.
# tests/proof holds both; docs/verification.md says what is proved, under which bounds, and what is
# not. One row a proof: its name, the file and function, and its bounds. -D goes to the compiler,
# the rest to CBMC. A loop that runs longer than its bound makes a proof fail.
#
# SIZE     entries of the ring         CAPACITY  spans a request may take; SIZE if not said
# REGIONS  of guest memory             BITS      of addresses and sizes that are free: 64, or those
#                                                near 0 and near 2^64
define PROOFS
adding                memory.c    adding      $(RING) -DREGIONS=1 -DBITS=8
translation           memory.c    translation $(RING) -DREGIONS=2

take-split-1          take.c      taking      $(TAKE) -DSIZE=1 -DCAPACITY=2
take-split-2          take.c      taking      $(TAKE) -DSIZE=2
take-split-4          take.c      taking      $(TAKE) -DSIZE=4 -DCAPACITY=3
take-packed-1         take.c      taking      $(TAKE) -DSIZE=1 -DCAPACITY=2 -DPACKED=1
take-packed-2         take.c      taking      $(TAKE) -DSIZE=2 -DPACKED=1
take-packed-3         take.c      taking      $(TAKE) -DSIZE=3 -DPACKED=1
take-legacy           take.c      taking      $(TAKE) -DSIZE=2 $(LEGACY_RING)

complete-split        complete.c  completing  $(RING)
complete-packed       complete.c  completing  $(RING) -DPACKED=1
publish-split         complete.c  publishing  $(RING)
publish-packed        complete.c  publishing  $(RING) -DPACKED=1
complete-legacy       complete.c  completing  $(RING) $(LEGACY_RING)
publish-legacy        complete.c  publishing  $(RING) $(LEGACY_RING)
publish-legacy-little complete.c  publishing  $(RING) -DRING=(&vio_split_ring_legacy_little)
put-back-split        complete.c  putting_back $(RING)
put-back-packed       complete.c  putting_back $(RING) -DPACKED=1
late-split            complete.c  late        $(RING)
late-packed           complete.c  late        $(RING) -DPACKED=1
put-off-split         complete.c  putting_off $(RING)
put-off-packed        complete.c  putting_off $(RING) -DPACKED=1
begin-split           complete.c  beginning   $(RING)
begin-packed          complete.c  beginning   $(RING) -DPACKED=1
start-split           complete.c  starting    $(RING)
start-packed          complete.c  starting    $(RING) -DPACKED=1
decide-split          complete.c  deciding    $(RING) -DSIZE=32768 $(SPLIT_RING)
decide-packed         complete.c  deciding    $(RING) -DSIZE=64 -DPACKED=1 $(PACKED_RING)
decide-packed-32767   complete.c  deciding    $(RING) -DSIZE=32767 -DEXACT=1 -DPACKED=1 $(PACKED_RING)
decide-packed-32768   complete.c  deciding    $(RING) -DSIZE=32768 -DEXACT=1 -DPACKED=1 $(PACKED_RING)
decide-legacy         complete.c  deciding    $(RING) -DSIZE=32768 $(LEGACY_RING)
event-formula         event.c     event_passed
empty-memory          memory.c    starting    $(RING)

request-read          request.c   reading     --unwind 10
request-write         request.c   writing     --unwind 10
request-zero-rest     request.c   zeroing     --unwind 10
request-claim-last    request.c   claiming    --unwind 10
request-move          request.c   moving      --unwind 10

slot-attach           registers.c attaching   $(SLOT)
slot-read             registers.c reading     $(SLOT)
slot-status           registers.c writing     $(SLOT) -DOFFSET=VIO_MMIO_STATUS
slot-ready-0          registers.c writing     $(SLOT) -DOFFSET=VIO_MMIO_QUEUE_READY -DSELECT=0
slot-ready-1          registers.c writing     $(SLOT) -DOFFSET=VIO_MMIO_QUEUE_READY -DSELECT=1
slot-ready-none       registers.c writing     $(SLOT) -DOFFSET=VIO_MMIO_QUEUE_READY -DSELECT=2
slot-reset-0          registers.c writing     $(SLOT) -DOFFSET=VIO_MMIO_QUEUE_RESET -DSELECT=0
slot-reset-1          registers.c writing     $(SLOT) -DOFFSET=VIO_MMIO_QUEUE_RESET -DSELECT=1
slot-reset-none       registers.c writing     $(SLOT) -DOFFSET=VIO_MMIO_QUEUE_RESET -DSELECT=2
slot-notify           registers.c writing     $(SLOT) -DOFFSET=VIO_MMIO_QUEUE_NOTIFY
slot-size             registers.c writing     $(SLOT) -DOFFSET=VIO_MMIO_QUEUE_SIZE
slot-desc             registers.c writing     $(SLOT) -DOFFSET=VIO_MMIO_QUEUE_DESC_HIGH
slot-features         registers.c writing     $(SLOT) -DOFFSET=VIO_MMIO_DRIVER_FEATURES
slot-ack              registers.c writing     $(SLOT) -DOFFSET=VIO_MMIO_INTERRUPT_ACK
slot-serve            registers.c serving     $(SLOT)
slot-let-go-0         registers.c letting_go  $(SLOT) -DSELECT=0
slot-let-go-1         registers.c letting_go  $(SLOT) -DSELECT=1
slot-pause            registers.c pausing     $(SLOT)
slot-fail             registers.c failing     $(SLOT)
slot-config-changed   registers.c changing_config $(SLOT)
slot-detach           registers.c detaching   $(SLOT)
legacy-attach         registers.c attaching   $(SLOT) $(LEGACY)
legacy-read           registers.c reading     $(SLOT) $(LEGACY)
legacy-status         registers.c writing     $(SLOT) $(LEGACY) -DOFFSET=VIO_MMIO_STATUS
legacy-pfn-0          registers.c writing     $(SLOT) $(LEGACY) -DOFFSET=VIO_MMIO_QUEUE_PFN -DSELECT=0
legacy-pfn-1          registers.c writing     $(SLOT) $(LEGACY) -DOFFSET=VIO_MMIO_QUEUE_PFN -DSELECT=1
legacy-pfn-none       registers.c writing     $(SLOT) $(LEGACY) -DOFFSET=VIO_MMIO_QUEUE_PFN -DSELECT=2
legacy-features       registers.c writing     $(SLOT) $(LEGACY) -DOFFSET=VIO_MMIO_DRIVER_FEATURES
config-access         registers.c accessing_config $(SLOT)
window                registers.c finding     $(SLOT)

net-reserve           net.c       reserving   $(NET) --unwind 5 -DBUFFERS=4 -DSPANS=2 -DLENGTH=nondet_u32()
net-receive           net.c       receiving   $(NET) --unwind 3 -DBUFFERS=2 -DSPANS=1
net-receive-one       net.c       receiving   $(NET) $(ONE) --unwind 3 -DBUFFERS=1 -DSPANS=2 -DFEATURES=0
net-receive-legacy    net.c       receiving   $(NET) $(ONE) --unwind 3 -DBUFFERS=1 -DSPANS=1 -DFEATURES=0 -DHEADER=10
net-send              net.c       sending     $(NET) --unwind 4 -DSPANS=2
net-send-legacy       net.c       sending     $(NET) --unwind 4 -DSPANS=2 -DHEADER=10
frame-check           frame.c     checking    $(FRAME)
frame-cut-start       frame.c     starting_to_cut $(FRAME)
frame-cut             frame.c     cutting     $(FRAME)
endef
# Guest memory is large there, and nothing but a place: an uninterpreted function will do.
RING := --unwind 6 --arrays-uf-always
TAKE := --unwind 5
SLOT := --unwind 5 --unwindset vio_device_config_write.0:9,vio_device_config_read.0:9
NET := -Dmemcpy=copy
ONE := --unwindset take_buffers.0:2,take_buffers.1:2,fill_buffers.1:2
FRAME := --unwind 7 --unwindset sum_part.0:16 -Dmemcpy=copy -D__builtin_memcpy=load
SPLIT_RING := -DRING=(&vio_split_ring)
PACKED_RING := -DRING=(&vio_packed_ring)
LEGACY_RING := -DRING=(&vio_split_ring_legacy_big)
LEGACY := -DVERSION=(&vio_mmio_legacy_big)

# Models of SPIN: name, file, definitions.
define MODELS
wake-ups-by-event     notify.pml  -DEVENT_IDX -DREQUESTS=10
wake-ups-by-flags     notify.pml  -DREQUESTS=10
endef

# Mistakes that the proofs must find: name, proof, file, sed -E script over the whole file.
define PROOF_MUTANTS
length-unchecked      translation         vio/core/vio_memory.c  s/ \|\| len > region->size - offset//
end-is-inside         translation         vio/core/vio_memory.c  s/offset >= region->size/offset > region->size/
overlap-half          adding              vio/core/vio_memory.c  s/ \|\| b->base - a->base < a->size//
merge-guest-only      adding              vio/core/vio_memory.c  s/ && a->data \+ a->size == b->data//
first-not-shown       adding              vio/core/vio_memory.c  s/= region;\n\tshow_first\(memory\)/= region/
no-empty-region       empty-memory        vio/core/vio_memory.c  s/\.size = 0 /.size = 1 /
first-region-end      take-split-1        vio/core/vio_memory.h  s/end <= memory->bytes/end <= 1 + memory->bytes/
first-region-empty    take-split-1        vio/core/vio_memory.h  s/offset < end \&\& //
first-region-readonly take-packed-1       vio/core/vio_ring.h    s/holds\(memory, offset, len, VIO_DESC_F_WRITE\)/holds(memory, offset, len, 0)/
head-unchecked        take-split-1        vio/core/vio_split.c   s/head > queue->mask/head > queue->mask + 1/
head-twice            take-split-2        vio/core/vio_split.c   s/vio_unlikely\(queue->in_flight\[head\]\)/false/
next-unchecked        take-split-2        vio/core/vio_split.c   s/next >= table->entries/next > table->entries/
chain-endless         take-split-2        vio/core/vio_split.c   s/vio_unlikely\(chain->next == chain->end\)/false/
indirect-long         take-split-1        vio/core/vio_ring.h    s/\n\t    len . sizeof\(struct vio_desc\) > \(size_t\)\(chain->end - chain->next\) \|\|//
bytes-wrap            take-split-2        vio/core/vio_ring.h    s/bytes > UINT32_MAX/false/
side-not-turned       take-split-2        vio/core/vio_split.c   s/vio_chain_turn\(&chain, req\);\n\t\twrite = VIO_DESC_F_WRITE;/write = VIO_DESC_F_WRITE;/
readable-last-any     take-split-2        vio/core/vio_ring.h    s/side < \*write/false/
index-jumps           take-split-1        vio/core/vio_split.c   s/\(uint16_t\)\(limit - queue->avail_next\)/UINT16_MAX/
packed-overcommit     take-packed-1       vio/core/vio_ring.h    s/\? queue->used_shown : queue->size/? queue->size : queue->size/
packed-no-wrap        take-packed-2       vio/core/vio_packed.c  s/desc \+ 1 == queue->packed.desc \+ queue->size/desc == NULL/
packed-long           take-packed-2       vio/core/vio_packed.c  s/chain->next == chain->end/false/
packed-long-hot       take-packed-2       vio/core/vio_packed.c  s/vio_never\(left > room->capacity\)/false/
packed-into-taken     take-packed-2       vio/core/vio_packed.c  s/walk->entries == walk->most\)/false)/
packed-into-taken-hot take-packed-2       vio/core/vio_packed.c  s/--at->left == 0/at->left-- == 0/
used-one-by-one       complete-split      vio/core/vio_queue.c   s/(done->len\);\n\t\t)queue->used_next\+\+;/\1;/
used-place            complete-split      vio/core/vio_ring.h    s/position \& queue->mask/position/
first-flags-at-once   complete-packed     vio/core/vio_ring.h    s/\(uint16_t\)position == queue->used_shown/false/
no-release            publish-split       vio/core/vio_split.c   s/store16_release/store16/
event-off-by-one      publish-split       vio/core/virtio.h      s/now - event - 1/now - event/
event-of-any-lap      publish-packed      vio/core/vio_packed.c  s/event \+= queue->size;/;/
event-of-any-size     decide-packed       vio/core/vio_packed.c  s/event \+= queue->size;/;/
shown-elsewhere       decide-packed-32767 vio/core/vio_packed.c  s/packed.desc\[first\]/packed.desc[queue->used_next]/
drained-ignored       decide-legacy       vio/core/vio_split.c   s/legacy \&\& is_drained\(queue\)/false/
flags-ignored         decide-split        vio/core/vio_split.c   s/VIO_AVAIL_F_NO_INTERRUPT\) == 0/VIO_AVAIL_F_NO_INTERRUPT) != 0/
legacy-drained        publish-legacy      vio/core/vio_split.c   s/load16\(\&queue->split.avail->idx\) == queue->avail_next/load16(\&queue->split.avail->idx) == queue->used_next/
legacy-head           take-legacy         vio/core/vio_split.c   s/head > queue->mask/head > queue->mask + 1/
event-formula         event-formula       vio/core/virtio.h      s/< \(uint16_t\)\(now - old/<= (uint16_t)(now - old/
late-is-used          late-split          vio/core/vio_queue.c   s/(complete_other[^}]*)!queue->open \&\& !queue->halted/\1false/
late-is-used-packed   late-packed         vio/core/vio_queue.c   s/(complete_other[^}]*)!queue->open \&\& !queue->halted/\1false/
event-of-next-lap     put-off-packed      vio/core/vio_packed.c  s/queue->used_shown < entries \? queue->size : 0/0/
begun-anew            begin-split         vio/core/vio_queue.c   s/queue->waiting == 0 \? queue->ring->batch : VIO_BATCH_OTHER/queue->ring->batch/
put-back-half         put-back-split      vio/core/vio_split.c   s/queue->avail_next--;//
put-back-lap          put-back-packed     vio/core/vio_packed.c  s/(packed_untake.*)avail_flags \^=/\1avail_flags |=/
start-elsewhere       start-split         vio/core/vio_queue.c   s/queue->take_end = queue->avail_next;/;/
start-other-lap       start-packed        vio/core/vio_packed.c  s/wrap \? F_AVAIL : F_USED/F_AVAIL/
read-too-much         request-read        vio/core/vio_request.c s/span.len < len - done \? span.len : len - done/span.len/
write-too-much        request-write       vio/core/vio_request.c s/span.len < len - done \? span.len : len - done/len - done/2
zero-too-little       request-zero-rest   vio/core/vio_request.c s/memset\(span.data, 0, span.len\)/memset(span.data, 0, span.len - 1)/
claim-twice           request-claim-last  vio/core/vio_request.c s/req->last_claimed \|\| //
advance-past          request-move        vio/core/vio_request.c s/len >= span->len/len > span->len/
need-withheld         slot-attach         vio/core/vio_device.c  s/with_needs_met\(device->type, device->offered \& ~features\)/device->offered \& ~features/
width-ignored         slot-read           transports/mmio/vio_mmio.c s/width == 4 \&\& offset % 4/offset % 4/
unknown-features      slot-status         vio/core/vio_device.c  s/ \&\&\n\t    vio_device_accepts\(device, device->driver_features\)//
given-up-open         legacy-status       vio/core/vio_device.c  s/if \(\(device->status \& STATUS_GIVEN_UP\) != 0\)/if (false)/
too-large             slot-ready-0        vio/core/vio_device.c  s/config->size > device->type->queues\[queue->index\].size_max/false/
still-held            slot-ready-1        vio/core/vio_device.c  s/if \(queue->held != 0 \|\|/if (/
nobody-waits          slot-ready-1        vio/core/vio_device.c  s/queue->held != 0 \&\& !device->resetting/false/
no-such-queue         slot-ready-none     vio/core/vio_device.c  s/index >= device->type->queue_count\)\n\t\treturn true/false)\n\t\treturn true/
reset-unnegotiated    slot-reset-none     vio/core/vio_device.c  s/(void vio_device_reset_queue.*)index >= device->type->queue_count \|\| /\1/
reset-still-kicked    slot-reset-0        vio/core/vio_device.c  s/device->pending \&= ~\(UINT32_C\(1\) << index\);//
notify-closed         slot-notify         vio/core/vio_device.h  s/ \|\| !device->queues\[index\].open//
live-resized          slot-size           vio/core/vio_device.c  s/ \|\| device->configs\[index\].ready//
line-drops            slot-ack            transports/mmio/vio_mmio.c s/was_high \&\& slot->interrupt_status == 0/was_high/
features-later        slot-features       vio/core/vio_device.c  s/\(device->status \& VIO_STATUS_FEATURES_OK\) == 0 \&\& !device->agreed/true/
work-forgotten        slot-serve          vio/core/vio_device.c  s/(vio_queue_serve\(queue\);\n\t\})/\1\n\tdevice->pending = 0;/
work-unannounced      slot-serve          vio/core/vio_queue.c   s/queue->device->transport->defer\(queue->device\);//
released-early        slot-let-go-1       vio/core/vio_device.c  s/queue->closing \&\& queue->held == 0/queue->closing/
halted-for-good       slot-pause          vio/core/vio_device.c  s/queue->halted = queue->open/queue->halted = false/
broken-open           slot-fail           vio/core/vio_device.c  s/(vio_device_fail[^{]*\{\n)\tclose_queues\(device\);/\1/
generation-stays      slot-config-changed vio/core/vio_device.c  s/device->generation\+\+;//
line-stays            slot-detach         transports/mmio/vio_mmio.c s/acknowledge\(slot, ~UINT32_C\(0\)\);//
pfn-still-held        legacy-pfn-0        vio/core/vio_device.c  s/if \(queue->held != 0 \|\|/if (/
config-end            config-access       vio/core/vio_device.c  s/within >= \(uint32_t\)field/within > (uint32_t)field/
window-end            window              transports/mmio/vio_mmio.h s/within >= window->bytes/within > window->bytes/
net-one-more          net-reserve         vio/devices/vio_net.c  s/room < need\) \{/room <= need) {/
net-keeps-one         net-reserve         vio/devices/vio_net.c  s/while \(count-- != 0\)/while (count-- > 1)/
net-takes-readable    net-reserve         vio/devices/vio_net.c  s/req->readable_len != 0 \|\| //
net-room-wraps        net-reserve         vio/devices/vio_net.c  s/req->writable_len < UINT32_MAX - room \?/true ?/
net-always-one        net-receive         vio/devices/vio_net.c  s/\(uint16_t\)count\)/1)/
net-header-uncounted  net-receive         vio/devices/vio_net.c  s/whole.len \+= net->header_len;//
net-past-buffer       net-receive-one     vio/devices/vio_net.c  s/vio_frame_read\(frame, span.data, span.len\)/vio_frame_read(frame, span.data, frame->len)/
net-header-long       net-receive-legacy  vio/devices/vio_net.c  s/memcpy\(start \+ net->header_len/memcpy(start + sizeof(hdr)/
net-runt              net-send            vio/devices/vio_net.c  s/len < net->header_len/len == 0/
net-head-long         net-send            vio/devices/vio_net.c  s/SEGMENT_HEAD - ORDINARY_HEAD/SEGMENT_HEAD/
net-work-not-offered  net-send            vio/devices/vio_net.c  s/vio_offload_needs\(\&frame.offload\) \& ~\(unsigned\)net->sends/0/
net-header-passed-on  net-send-legacy     vio/devices/vio_net.c  s/frame.head_len = len - net->header_len/frame.head_len = len/
checksum-outside      frame-check         vio/switch/vio_frame.c s/csum_offset \+ 2 <= frame->len/csum_offset <= frame->len/
tcp-header-outside    frame-check         vio/switch/vio_frame.c s/tcp \+ TCP_HEADER > frame->head_len \|\| //
segment-empty         frame-check         vio/switch/vio_frame.c s/ \|\| tcp \+ len >= frame->len//
cut-elsewhere         frame-cut-start     vio/switch/vio_frame.c s/segments->tcp = frame->offload.csum_start/segments->tcp = 0/
cut-too-much          frame-cut           vio/switch/vio_frame.c s/payload->head_len < len \? payload->head_len : len/payload->head_len/
endef

# And those that SPIN must find.
define MODEL_MUTANTS
no-publish-fence      notify.pml  -DEVENT_IDX -DNO_PUBLISH_FENCE
no-publish-fence-2    notify.pml  -DNO_PUBLISH_FENCE
no-look-fence         notify.pml  -DEVENT_IDX -DNO_LOOK_FENCE
no-second-look        notify.pml  -DEVENT_IDX -DNO_SECOND_LOOK
no-release            notify.pml  -DEVENT_IDX -DNO_RELEASE
no-release-2          notify.pml  -DNO_RELEASE
endef

PROOF_INCLUDES := $(INC_transports/mmio) vio/devices vio/switch
export PROOFS MODELS PROOF_MUTANTS MODEL_MUTANTS PROOF_INCLUDES

$(BUILD)/prove/tools.ok: tools/fetch tools/setup
	@tools/fetch prover
	@$(if $(filter no,$(SETUP)),:,tools/setup spin)
	@mkdir -p $(@D) && touch $@

## make prove            CBMC and SPIN: what docs/verification.md claims, proved again
##     PROOF='name ...'    only those whose names begin so
.PHONY: prove prove-mutants
prove: $(BUILD)/prove/tools.ok
	@tests/proof/run proofs $(PROOF)

## make prove-mutants    deliberate mistakes, each of which its proof must find
prove-mutants: $(BUILD)/prove/tools.ok
	@tests/proof/run mutants $(PROOF)
