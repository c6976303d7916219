/* Reads numbers in Parquet's mix of runs and packed bits (encoding RLE), which levels and the places of
 * values in a dictionary have:
 *
 *     https://parquet.apache.org/docs/file-format/data-pages/encodings/ */
#ifndef PARQUET_HYBRID_H
#define PARQUET_HYBRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HYBRID_WIDTH_MAX = 32 };

struct hybrid {
    const unsigned char *at, *end;
    unsigned width; /* bits of a number */
    uint64_t left;  /* numbers of the run, or packed ones, that are to come */
    bool is_run;    /* all of them are NUMBER; else they are packed at PACKED */
    uint32_t number;
    const unsigned char *packed;
    uint64_t bit; /* of PACKED, of the next number */
};

/* Begins to read the bytes from AT to END: numbers of WIDTH bits, at most HYBRID_WIDTH_MAX. */
void hybrid_begin(struct hybrid *hybrid, const unsigned char *at, const unsigned char *end,
                  unsigned width);

/* Reads COUNT numbers.  Returns false when there are fewer. */
bool hybrid_read(struct hybrid *hybrid, uint32_t *numbers, size_t count);

/* Skips COUNT numbers if all of them are in one run, and stores its number; else returns false, and
 * skips none. */
bool hybrid_take_run(struct hybrid *hybrid, size_t count, uint32_t *number);

#endif
