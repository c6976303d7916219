/* Why a batch cannot be taken, prepared or committed. */
#ifndef BATCH_ERROR_H
#define BATCH_ERROR_H

#include "normalized/batch_id.h"
#include "text/buffer.h"

/* The reason, by which a caller that knows the command line can add advice to the text. */
enum batch_reason {
    BATCH_ERROR,          /* nothing to add */
    BATCH_HELD,           /* another run holds the site's ledger */
    BATCH_OF_OTHER_SITE,  /* the ledger is another site's, whose name is site */
    BATCH_OF_OTHER_KIND,  /* the source was a bucket and is a path now, or the reverse; id is the
                          * last batch in the AWStats history, "-": none, or unknown */
    BATCH_OF_PLUGIN,      /* the plugin reads the open batch, and commits it; id is its ID */
    BATCH_OF_OTHER_HOSTS, /* no record is of a host of the site, nor was one of the objects before */
    BATCH_IS_OTHER,       /* the open batch is not the one that was to be taken, or there is none */
    BATCH_ALL_GONE, /* no object of the prepared batch is in the source any more; id is its ID */
};

/* Zeroed at birth. */
struct batch_error {
    enum batch_reason reason;
    char id[BATCH_ID_SIZE];
    char *site;         /* owned */
    struct buffer text; /* one line; empty when it was printed already */
};

/* Stores the text; returns false. */
bool batch_error_set(struct batch_error *error, enum batch_reason reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void batch_error_free(struct batch_error *error);

#endif
