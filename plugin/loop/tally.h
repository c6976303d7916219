/* Counts what becomes of the records of a log: how many AWStats counted, and why it left out the
 * others (normalized/figures.h).
 *
 * The names of hosts and methods that AWStats leaves out are kept with their numbers: the first
 * TALLY_NAMES_MAX different ones exactly, so that a log with a million of them needs no more memory
 * than one with these. */
#ifndef PLUGIN_LOOP_TALLY_H
#define PLUGIN_LOOP_TALLY_H

#include <stdint.h>

#include "memory/table.h"
#include "normalized/clock.h"
#include "normalized/field.h"
#include "normalized/figures.h"

enum {
    TALLY_NAMES_MAX = 10000, /* of hosts, and of methods */
    TALLY_NAME_SIZE = 255,   /* longer names are cut */
    TALLY_TIME_SIZE = CLOCK_DATE_SIZE + 1 + CLOCK_TIME_SIZE,
};

/* What became of one record. */
struct tally_item {
    enum figure figure; /* FIGURES: not known yet, or nothing */
    struct field name;  /* with FIGURE_HOST and FIGURE_METHOD; lies in the record's line */
};

/* A name and its records. */
struct tally_name {
    struct entry entry;
    uint64_t records;
};

struct tally {
    uint64_t number[FIGURES];
    struct table names[FIGURE_NAMES];
    char clock[TALLY_TIME_SIZE];  /* see tally_init() */
    uint64_t later;               /* records whose time is later */
    char newest[TALLY_TIME_SIZE]; /* the latest of these times */
};

/* Begins with zeros.  CLOCK: seconds since 1970; the tally counts the records whose time is later.
 * SEED: a random number. */
void tally_init(struct tally *tally, uint32_t clock, uint64_t seed);
void tally_free(struct tally *tally);

/* Call for each record of the log, with its line, before anything else becomes of it. */
void tally_see(struct tally *tally, const char *line, size_t size);

/* Adds what tally_tell() has told FROM, which forgets that. */
void tally_add(struct tally *tally, struct tally *from);

/* Call when it is known what became of the record. */
void tally_tell(struct tally *tally, const struct tally_item *item);

#endif
