/* A binary range coder that learns how probable each bit is (G. N. N. Martin, "Range encoding", 1979; the
 * variant of the LZMA SDK, with carries).  Its output has no tables, so a few hundred numbers take
 * little more space than their random part. */
#ifndef LEDGER_RANGE_CODER_H
#define LEDGER_RANGE_CODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/buffer.h"

/* How probable it is that a bit is 0, of RANGE_ONE. */
typedef uint16_t range_model;
enum { RANGE_ONE = 1 << 12, RANGE_HALF = RANGE_ONE / 2 };

/* What was learned of numbers of one kind: how far their widths are from the expected one, and which two bits
 * follow the highest. */
enum { RANGE_WIDTHS = 128 };
struct range_number {
    range_model width[RANGE_WIDTHS], top[RANGE_WIDTHS][4];
    unsigned expected; /* bits of the next number; 0 at the beginning */
};
void range_number_begin(struct range_number *models);

/* Returns how many bits a number has; 0 for 0. */
unsigned range_width(uint64_t number);

/* What was learned of bytes of one kind. */
struct range_byte {
    range_model bits[256];
};
void range_byte_begin(struct range_byte *models);

struct range_encoder {
    struct buffer *out; /* gets the bytes */
    uint64_t low, pending;
    uint32_t range;
    uint8_t cache;
};
void range_encoder_begin(struct range_encoder *encoder, struct buffer *out);
void range_encode_bit(struct range_encoder *encoder, range_model *model, bool bit);
void range_encode_number(struct range_encoder *encoder, struct range_number *models,
                         uint64_t number);
void range_encode_byte(struct range_encoder *encoder, struct range_byte *models, uint8_t byte);
void range_encoder_end(struct range_encoder *encoder);

/* Reads what an encoder wrote with the same models in the same order.  Of other data it returns
 * numbers without a meaning; after its end it reads zeros. */
struct range_decoder {
    const uint8_t *data, *end;
    uint32_t range, code;
};
void range_decoder_begin(struct range_decoder *decoder, const uint8_t *data, size_t size);
bool range_decode_bit(struct range_decoder *decoder, range_model *model);
uint64_t range_decode_number(struct range_decoder *decoder, struct range_number *models);
uint8_t range_decode_byte(struct range_decoder *decoder, struct range_byte *models);

#endif
