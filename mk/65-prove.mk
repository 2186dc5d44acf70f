# Proofs: CBMC over the source as it is, SPIN over a model of the notification protocol.
# tests/proof holds both; docs/verification.md says what is proved, under which bounds, and what is
# not. One row a proof: its name, the file and function, and its bounds. -D goes to the compiler,
# the rest to CBMC. Loops that run longer than their bound make a proof fail.
#
# REGIONS  regions of guest memory         SIZE      entries of a ring, at most
# QUEUES   queues of the device            CAPACITY  spans a request may take (SIZE)
# BITS     of addresses, sizes and offsets in guest memory that are free: 64, or all values near 0
#          and near 2^64
define PROOFS
translation           memory.c    translation       -DREGIONS=2 --unwind 4
adding-to-0           memory.c    adding            -DREGIONS=2 -DCOUNT=0 -DBITS=8 --unwind 4 --paths lifo
adding-to-1           memory.c    adding            -DREGIONS=2 -DCOUNT=1 -DBITS=8 --unwind 4 --paths lifo
adding-to-2           memory.c    adding            -DREGIONS=2 -DCOUNT=2 -DBITS=8 --unwind 4 --paths lifo
starting              memory.c    starting          --unwind 2

take-split-2          take.c      taking            -DSIZE=2 -DBITS=16 --unwind 3
take-packed-2         take.c      taking            -DSIZE=2 -DBITS=16 -DPACKED=1 --unwind 3
take-split-4          take.c      taking            -DREGIONS=1 -DSIZE=4 -DBITS=16 --unwind 5
take-packed-4         take.c      taking            -DREGIONS=1 -DSIZE=4 -DBITS=16 -DPACKED=1 --unwind 5

complete-split        complete.c  completing        -DREGIONS=1 -DSIZE=4 -DBITS=16 --unwind 5
complete-packed       complete.c  completing        -DREGIONS=1 -DSIZE=4 -DBITS=16 -DPACKED=1 --unwind 5
publish-split         complete.c  publishing        -DREGIONS=1 -DSIZE=4 -DBITS=16 --unwind 5
publish-packed        complete.c  publishing        -DREGIONS=1 -DSIZE=4 -DBITS=16 -DPACKED=1 --unwind 5
put-back-split        complete.c  putting_back      -DREGIONS=1 -DSIZE=4 -DBITS=16 --unwind 5
put-back-packed       complete.c  putting_back      -DREGIONS=1 -DSIZE=4 -DBITS=16 -DPACKED=1 --unwind 5
late-split            complete.c  late              -DREGIONS=1 -DSIZE=4 -DBITS=16 --unwind 5
late-packed           complete.c  late              -DREGIONS=1 -DSIZE=4 -DBITS=16 -DPACKED=1 --unwind 5
event-formula         event.c     event_passed      --unwind 1

request-read          request.c   reading           --unwind 9
request-write         request.c   writing           --unwind 9
request-zero-rest     request.c   zeroing           --unwind 9
request-claim-last    request.c   claiming          --unwind 9
request-move          request.c   moving            --unwind 9

slot-attach           registers.c attaching         $(SLOT)
slot-write-0          registers.c writing           $(SLOT) -DSELECT=0
slot-write-1          registers.c writing           $(SLOT) -DSELECT=1
slot-write-none       registers.c writing           $(SLOT)
slot-no-such-queue    registers.c no_such_queue     $(SLOT)
slot-read             registers.c reading           $(SLOT)
slot-serve            registers.c serving           $(SLOT) -DQUEUES=1
slot-let-go           registers.c letting_go        $(SLOT)
slot-fail             registers.c failing           $(SLOT)
slot-config-changed   registers.c changing_config   $(SLOT)
slot-detach           registers.c detaching         $(SLOT)
config-access         registers.c accessing_config  $(SLOT)
window                registers.c finding           $(SLOT)
endef
SLOT := -DREGIONS=1 -DSIZE=2 -DBITS=16 --unwind 3 --unwindset \
	config_byte.0:3,vio_device_config_read.0:9,vio_device_config_write.0:9,remember.1:5

# Models of SPIN: name, file, definitions.
define MODELS
wake-ups-by-event     notify.pml  -DEVENT_IDX -DREQUESTS=10
wake-ups-by-flags     notify.pml  -DREQUESTS=10
endef

# Mistakes that the proofs must find: name, proof, file, sed -E script over the whole file.
define PROOF_MUTANTS
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

PROOF_INCLUDES := $(INC_transports/mmio)
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
