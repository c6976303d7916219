/* Sorted runs of records in an unlinked temporary file. */
#ifndef SORT_SPILL_H
#define SORT_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spill {
    int fd;
    uint64_t size; /* bytes written so far */
    char *buffer;  /* what is still to be written */
    size_t used;
};

/* One run of a spill file: from byte to byte. */
struct run {
    int fd;
    uint64_t begin, end;
};

/* All return false with errno set when they failed. */

/* Makes the file; it has no name and goes away with spill_close(). */
bool spill_open(struct spill *spill, const char *directory);
void spill_close(struct spill *spill);

/* Appends a record; records of a run come in the order of their keys. */
bool spill_add(struct spill *spill, uint64_t key, const char *record, size_t size);

/* Ends a run that began where the file's end was before, at BEGIN. */
bool spill_end_run(struct spill *spill, uint64_t begin, struct run *run);

/* Reads a run, record by record. */
struct run_reader {
    struct run run;
    uint64_t key; /* of the present record */
    const char *record;
    uint32_t size;
    char *buffer;
    size_t capacity, used, at; /* bytes of the buffer: room, read from the file, passed */
};

bool run_reader_open(struct run_reader *reader, const struct run *run);
void run_reader_close(struct run_reader *reader);

/* Goes to the next record.  1: there is one, 0: the run has ended, -1: errno says why not. */
int run_reader_next(struct run_reader *reader);

#endif
