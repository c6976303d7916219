/* Sorted runs of records in an unlinked temporary file. */
#ifndef SORT_SPILL_H
#define SORT_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spill {
    int fd;
    uint64_t size; /* bytes written so far */
    char *buffer;  /* bytes that are still to be written */
    size_t used;
};

/* One run of a spill file: from byte to byte. */
struct run {
    int fd;
    uint64_t begin, end;
};

/* All these return false with errno set after an error. */

/* Makes the file, which has no name and is gone after spill_close(). */
bool spill_open(struct spill *spill, const char *directory);
void spill_close(struct spill *spill);

/* Appends a record; records of a run come in the order of their keys. */
bool spill_add(struct spill *spill, uint64_t key, const char *record, size_t size);

/* Ends a run that began at BEGIN, the file's size then. */
bool spill_end_run(struct spill *spill, uint64_t begin, struct run *run);

/* Reads a run, record by record. */
struct run_reader {
    struct run run;
    uint64_t key; /* of the current record */
    const char *record;
    uint32_t size;
    char *buffer;
    size_t capacity, used, at; /* bytes of the buffer: room, read from the file, passed */
};

bool run_reader_open(struct run_reader *reader, const struct run *run);
void run_reader_close(struct run_reader *reader);

/* Goes to the next record.  Returns 1, 0 at the run's end, -1 with errno set. */
int run_reader_next(struct run_reader *reader);

#endif
