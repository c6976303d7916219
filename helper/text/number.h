/* Writes numbers as people do. */
#ifndef TEXT_NUMBER_H
#define TEXT_NUMBER_H

#include <stdint.h>

#include "text/buffer.h"

/* Adds NUMBER with commas, as in 300,000. */
void number_add(struct buffer *out, uint64_t number);

/* Adds a number of bytes as AWStats writes it: "1.25 GB", where a GB has 1024 MB. */
void number_add_bytes(struct buffer *out, uint64_t bytes);

#endif
