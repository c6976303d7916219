/* Numbers as people write them. */
#ifndef TEXT_NUMBER_H
#define TEXT_NUMBER_H

#include <stdint.h>

#include "text/buffer.h"

/* Adds 300,000. */
void number_add(struct buffer *out, uint64_t number);

/* Adds bytes as AWStats writes them: 1.25 GB, of 1024 MB. */
void number_add_bytes(struct buffer *out, uint64_t bytes);

#endif
