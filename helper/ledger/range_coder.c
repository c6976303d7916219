#include "ledger/range_coder.h"

enum {
    ONE_BITS = 12,      /* of RANGE_ONE */
    WIDTH_BITS = 7,     /* of a number below RANGE_WIDTHS */
    LEARNING_SHIFT = 4, /* a bit changes its model by a 16th of the way */
    EVEN_BITS_MAX = 8   /* bits that are coded at once, when each is as probable as its opposite */
};
/* The range never gets smaller than this: below it, the highest byte is final or waits for a carry. */
static const uint32_t lowest_range = UINT32_C(1) << 24;

static void begin_models(range_model *models, size_t count)
{
    for (size_t i = 0; i < count; i++)
        models[i] = RANGE_HALF;
}

void range_number_begin(struct range_number *models)
{
    begin_models(models->width, RANGE_WIDTHS);
    begin_models(models->top[0], sizeof models->top / sizeof models->top[0][0]);
    models->expected = 0;
}

void range_byte_begin(struct range_byte *models)
{
    begin_models(models->bits, 256);
}

static void learn(range_model *model, bool bit)
{
    if (bit)
        *model = (range_model)(*model - (*model >> LEARNING_SHIFT));
    else
        *model = (range_model)(*model + ((RANGE_ONE - *model) >> LEARNING_SHIFT));
}

unsigned range_width(uint64_t number)
{
    return number ? 64U - (unsigned)__builtin_clzll(number) : 0;
}

/* ---- encoder ---- */

void range_encoder_begin(struct range_encoder *encoder, struct buffer *out)
{
    *encoder = (struct range_encoder){.out = out, .pending = 1, .range = UINT32_MAX};
}

/* Moves the highest byte of LOW to the output, after the bytes that a carry could change. */
static void shift_low(struct range_encoder *encoder)
{
    if (encoder->low < UINT64_C(0xff000000) || encoder->low > UINT32_MAX) {
        uint8_t carry = (uint8_t)(encoder->low >> 32), byte = encoder->cache;
        for (; encoder->pending; encoder->pending--) {
            byte = (uint8_t)(byte + carry);
            buffer_add(encoder->out, &byte, 1);
            byte = 0xff;
        }
        encoder->cache = (uint8_t)(encoder->low >> 24);
    }
    encoder->pending++;
    encoder->low = (encoder->low & 0x00ffffff) << 8;
}

static void fill_range(struct range_encoder *encoder)
{
    while (encoder->range < lowest_range) {
        encoder->range <<= 8;
        shift_low(encoder);
    }
}

void range_encode_bit(struct range_encoder *encoder, range_model *model, bool bit)
{
    uint32_t bound = (encoder->range >> ONE_BITS) * *model;
    if (bit) {
        encoder->low += bound;
        encoder->range -= bound;
    } else {
        encoder->range = bound;
    }
    learn(model, bit);
    fill_range(encoder);
}

/* Encodes the lowest COUNT bits of a number, each as probable as its opposite. */
static void encode_even(struct range_encoder *encoder, uint64_t bits, unsigned count)
{
    while (count) {
        unsigned now = count < EVEN_BITS_MAX ? count : EVEN_BITS_MAX;
        count -= now;
        encoder->range >>= now;
        encoder->low += encoder->range * ((bits >> count) & ((1U << now) - 1));
        fill_range(encoder);
    }
}

/* Encodes COUNT bits by a tree of models, the highest bit first. */
static void encode_tree(struct range_encoder *encoder, range_model *models, unsigned bits,
                        unsigned count)
{
    unsigned node = 1;
    while (count--) {
        bool bit = bits >> count & 1;
        range_encode_bit(encoder, &models[node], bit);
        node = node << 1 | bit;
    }
}

void range_encode_number(struct range_encoder *encoder, struct range_number *models,
                         uint64_t number)
{
    unsigned width = range_width(number);
    encode_tree(encoder, models->width, (width - models->expected) % RANGE_WIDTHS, WIDTH_BITS);
    if (width < 2)
        return;
    unsigned below = width - 1, top = below < 2 ? below : 2;
    encode_tree(encoder, models->top[width],
                (unsigned)(number >> (below - top)) & ((1U << top) - 1), top);
    encode_even(encoder, number, below - top);
}

void range_encode_byte(struct range_encoder *encoder, struct range_byte *models, uint8_t byte)
{
    encode_tree(encoder, models->bits, byte, 8);
}

void range_encoder_end(struct range_encoder *encoder)
{
    /* The cache and the four bytes of LOW. */
    for (int i = 0; i < 5; i++)
        shift_low(encoder);
}

/* ---- decoder ---- */

static void fill_code(struct range_decoder *decoder)
{
    while (decoder->range < lowest_range) {
        uint8_t byte = decoder->data < decoder->end ? *decoder->data++ : 0;
        decoder->range <<= 8;
        decoder->code = decoder->code << 8 | byte;
    }
}

void range_decoder_begin(struct range_decoder *decoder, const uint8_t *data, size_t size)
{
    /* The first byte is the encoder's first cache, always 0. */
    *decoder = (struct range_decoder){
        .data = size ? data + 1 : data, .end = data + size, .range = UINT32_MAX};
    for (int i = 0; i < 4; i++)
        decoder->code = decoder->code << 8 | (decoder->data < decoder->end ? *decoder->data++ : 0);
}

bool range_decode_bit(struct range_decoder *decoder, range_model *model)
{
    uint32_t bound = (decoder->range >> ONE_BITS) * *model;
    bool bit = decoder->code >= bound;
    if (bit) {
        decoder->code -= bound;
        decoder->range -= bound;
    } else {
        decoder->range = bound;
    }
    learn(model, bit);
    fill_code(decoder);
    return bit;
}

static uint64_t decode_even(struct range_decoder *decoder, unsigned count)
{
    uint64_t bits = 0;
    while (count) {
        unsigned now = count < EVEN_BITS_MAX ? count : EVEN_BITS_MAX;
        count -= now;
        decoder->range >>= now;
        uint32_t value = decoder->code / decoder->range, most = (1U << now) - 1;
        value = value < most ? value : most;
        decoder->code -= value * decoder->range;
        bits = bits << now | value;
        fill_code(decoder);
    }
    return bits;
}

static unsigned decode_tree(struct range_decoder *decoder, range_model *models, unsigned count)
{
    unsigned node = 1;
    for (unsigned i = 0; i < count; i++)
        node = node << 1 | range_decode_bit(decoder, &models[node]);
    return node - (1U << count);
}

uint64_t range_decode_number(struct range_decoder *decoder, struct range_number *models)
{
    unsigned width =
        (decode_tree(decoder, models->width, WIDTH_BITS) + models->expected) % RANGE_WIDTHS;
    if (width < 2)
        return width;
    if (width > 64)
        return UINT64_MAX;
    unsigned below = width - 1, top = below < 2 ? below : 2;
    uint64_t number = UINT64_C(1) << top | decode_tree(decoder, models->top[width], top);
    return number << (below - top) | decode_even(decoder, below - top);
}

uint8_t range_decode_byte(struct range_decoder *decoder, struct range_byte *models)
{
    return (uint8_t)decode_tree(decoder, models->bits, 8);
}
