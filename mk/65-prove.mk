# Proofs: CBMC over the source as it is, SPIN over a model of the notification protocol.
# tests/proof holds both; docs/verification.md says what is proved, under which bounds, and what is
# not. One row a proof: its name, the file and function, and its bounds. -D goes to the compiler,
# the rest to CBMC. A loop that runs longer than its bound makes a proof fail.
#
# SIZE     entries of the ring         CAPACITY  spans a request may take; SIZE if not said
# REGIONS  of guest memory             BITS      of addresses and sizes that are free: 64, or those
#                                                near 0 and near 2^64
define PROOFS
take-split-4          take.c      taking      $(RING) -DSIZE=4
take-packed-4         take.c      taking      $(RING) -DSIZE=4 -DPACKED=1
slot-serve            registers.c serving     --unwind 9
slot-write            registers.c writing     --unwind 9
adding                memory.c    adding      $(RING) -DREGIONS=1 -DBITS=8
translation           memory.c    translation $(RING) -DREGIONS=2

take-split-1          take.c      taking      $(RING) -DSIZE=1 -DCAPACITY=3
take-split-2          take.c      taking      $(RING) -DSIZE=2 -DCAPACITY=3
take-packed-1         take.c      taking      $(RING) -DSIZE=1 -DCAPACITY=3 -DPACKED=1
take-packed-3         take.c      taking      $(RING) -DSIZE=3 -DPACKED=1

complete-split        complete.c  completing  $(RING)
complete-packed       complete.c  completing  $(RING) -DPACKED=1
publish-split         complete.c  publishing  $(RING)
publish-packed        complete.c  publishing  $(RING) -DPACKED=1
put-back-split        complete.c  putting_back $(RING)
put-back-packed       complete.c  putting_back $(RING) -DPACKED=1
late-split            complete.c  late        $(RING)
late-packed           complete.c  late        $(RING) -DPACKED=1
start-split           complete.c  starting    $(RING)
start-packed          complete.c  starting    $(RING) -DPACKED=1
event-formula         event.c     event_passed
empty-memory          memory.c    starting    $(RING)

request-read          request.c   reading     --unwind 9
request-write         request.c   writing     --unwind 9
request-zero-rest     request.c   zeroing     --unwind 9
request-claim-last    request.c   claiming    --unwind 9
request-move          request.c   moving      --unwind 9

slot-attach           registers.c attaching   --unwind 9
slot-read             registers.c reading     --unwind 9
slot-let-go           registers.c letting_go  --unwind 9
slot-fail             registers.c failing     --unwind 9
slot-config-changed   registers.c changing_config --unwind 9
slot-detach           registers.c detaching   --unwind 9
config-access         registers.c accessing_config --unwind 9
window                registers.c finding     --unwind 9
endef
# Guest memory is large there, and nothing but a place: an uninterpreted function will do.
RING := --unwind 6 --arrays-uf-always

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
