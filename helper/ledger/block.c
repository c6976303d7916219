#include "ledger/block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "ledger/log_id.h"
#include "ledger/range_coder.h"
#include "memory/allocate.h"
#include "text/big_endian.h"
#include "text/hex.h"

enum {
    HEAD_SIZE = 9, /* bytes before the ETags: see the head of block.h */
    CHECKED_FROM = HEAD_SIZE,
    DIGEST_LONG_SIZE = 16, /* BLOCK_FORMAT_LONG */
    SUFFIX_MAX = 15,       /* ".gz" and ".parquet" are the usual suffixes */
    PREFIX_MAX = BLOCK_KEY_MAX - LOG_HOUR_SIZE - 1 - LOG_ID_SIZE - SUFFIX_MAX,
    FIRST_PRINTED = ' ' /* lower bytes of a folder stand for parts of the date */
};
/* The limit of an object's size and of the length of its text.  With RATIO_MAX, their product fits 64 bits. */
static const uint64_t number_max = UINT64_C(1) << 40;

/* ---- an object ---- */

static bool take_digest(struct digest *digest, const char *text)
{
    return digest_read(digest, text ? text : "") && digest->length < number_max;
}

bool block_read_tag(uint8_t tag[BLOCK_TAG_SIZE], const char *text)
{
    return hex_read(tag, BLOCK_TAG_SIZE, text) && !text[(size_t)2 * BLOCK_TAG_SIZE];
}

bool block_take(struct block_object *packed, const struct ledger_object *object)
{
    struct log_id id;
    *packed = (struct block_object){.key = object->key, .size = object->size};
    if (!log_id_find(&id, object->key) || id.prefix_size > PREFIX_MAX ||
        strlen(id.suffix) > SUFFIX_MAX || object->size >= number_max ||
        (object->content && *object->content) || !block_read_tag(packed->tag, object->tag) ||
        !take_digest(&packed->digest, object->digest))
        return false;
    for (size_t i = 0; i < id.prefix_size; i++)
        if ((unsigned char)object->key[i] < FIRST_PRINTED)
            return false;
    packed->hour = id.hour;
    packed->id = id.id;
    return true;
}

void block_write_tag(const struct block_object *object, char out[BLOCK_TAG_TEXT_SIZE])
{
    hex_write(out, object->tag, sizeof object->tag);
}

/* ---- what encoder and decoder have learned from the objects before ---- */

/* The parts of the date in the order in which folders have them; log_hour_write() writes the date. */
static const struct {
    size_t at, size;
} parts[] = {{0, 4}, {5, 2}, {8, 2}, {11, 2}};
enum { PARTS = sizeof parts / sizeof *parts };

/* A group of objects with the same folder, distribution, hour and suffix. */
struct group {
    char prefix[PREFIX_MAX + 1]; /* with bytes for the parts of the date */
    char suffix[SUFFIX_MAX + 1];
    size_t prefix_size, suffix_size;
    uint32_t hour, id; /* of the object before; an ID of 0: this object is the first of its group */
};

struct models {
    range_model is_next, is_known, is_same_prefix, is_earlier, is_shorter, has_digest;
    struct range_number hour, first_id, id, size, difference, count;
    struct range_byte letter;
    uint64_t ratio; /* of the length of a text to the object's size, in 65536ths */
    struct group group;
};

static void begin_models(struct models *models)
{
    models->is_next = models->is_known = models->is_same_prefix = RANGE_HALF;
    models->is_earlier = models->is_shorter = models->has_digest = RANGE_HALF;
    range_number_begin(&models->hour);
    range_number_begin(&models->first_id);
    range_number_begin(&models->id);
    range_number_begin(&models->size);
    range_number_begin(&models->difference);
    range_number_begin(&models->count);
    range_byte_begin(&models->letter);
    models->ratio = 0;
    models->group = (struct group){0};
}

static uint64_t foresee_length(struct models *models, uint64_t size)
{
    uint64_t length = (size * models->ratio) >> 16;
    models->difference.expected = range_width(length);
    return length;
}

static void learn_ratio(struct models *models, uint64_t size, uint64_t length)
{
    enum { RATIO_MAX = 1 << 23 };
    uint64_t ratio = size ? (length << 16) / size : 0;
    ratio = ratio < RATIO_MAX ? ratio : RATIO_MAX;
    models->ratio = models->ratio ? (models->ratio * 15 + ratio) / 16 : ratio;
}

/* Writes the prefix of a key with a byte for each part of the date.  Returns its size. */
static size_t write_prefix(char *out, const char *key, size_t size, uint32_t hour)
{
    char date[LOG_HOUR_SIZE];
    size_t out_size = 0, part = 0;
    log_hour_write(hour, date);
    for (size_t i = 0; i < size;) {
        if (part < PARTS && size - i >= parts[part].size &&
            !memcmp(key + i, date + parts[part].at, parts[part].size)) {
            out[out_size++] = (char)(part + 1);
            i += parts[part++].size;
        } else {
            out[out_size++] = key[i++];
        }
    }
    return out_size;
}

/* Adds the key of the group's object; returns false when the key is longer than block_take() allows. */
static bool add_key(struct buffer *keys, const struct group *group)
{
    char date[LOG_HOUR_SIZE], id[2 * sizeof group->id + 1];
    uint8_t bytes[sizeof group->id];
    size_t begin = keys->size;
    big_endian_put(bytes, group->id, sizeof bytes);
    log_hour_write(group->hour, date);
    for (size_t i = 0; i < group->prefix_size; i++) {
        size_t part = (unsigned char)group->prefix[i];
        if (part && part <= PARTS)
            buffer_add(keys, date + parts[part - 1].at, parts[part - 1].size);
        else
            buffer_add(keys, &group->prefix[i], 1);
    }
    hex_write(id, bytes, sizeof bytes);
    buffer_add(keys, date, sizeof date);
    buffer_add(keys, ".", 1);
    buffer_add(keys, id, sizeof id - 1);
    buffer_add(keys, group->suffix, group->suffix_size + 1);
    return keys->size - begin <= BLOCK_KEY_MAX + 1;
}

/* ---- writing ---- */

static void encode_text(struct range_encoder *encoder, struct models *models, const char *text,
                        size_t size)
{
    range_encode_number(encoder, &models->count, size);
    for (size_t i = 0; i < size; i++)
        range_encode_byte(encoder, &models->letter, (uint8_t)text[i]);
}

static void encode_group(struct range_encoder *encoder, struct models *models, const char *key,
                         const struct log_id *id)
{
    struct group *group = &models->group;
    char prefix[PREFIX_MAX + 1];
    size_t size = write_prefix(prefix, key, id->prefix_size, id->hour);
    size_t suffix_size = strlen(id->suffix);
    bool is_prefix = size == group->prefix_size && !memcmp(prefix, group->prefix, size);
    bool is_known = is_prefix && !strcmp(id->suffix, group->suffix);
    bool is_next = is_known && id->hour == group->hour;
    range_encode_bit(encoder, &models->is_next, is_next);
    if (is_next)
        return;
    range_encode_bit(encoder, &models->is_known, is_known);
    if (!is_known) {
        range_encode_bit(encoder, &models->is_same_prefix, is_prefix);
        if (!is_prefix)
            encode_text(encoder, models, prefix, size);
        encode_text(encoder, models, id->suffix, suffix_size);
        memcpy(group->prefix, prefix, size);
        memcpy(group->suffix, id->suffix, suffix_size + 1);
        group->prefix_size = size;
        group->suffix_size = suffix_size;
    }
    bool is_earlier = id->hour < group->hour;
    range_encode_bit(encoder, &models->is_earlier, is_earlier);
    range_encode_number(encoder, &models->hour,
                        is_earlier ? group->hour - id->hour : id->hour - group->hour);
    group->hour = id->hour;
    group->id = 0;
}

static void encode_object(struct range_encoder *encoder, struct models *models,
                          const struct block_object *object)
{
    struct log_id id = {0};
    log_id_find(&id, object->key);
    encode_group(encoder, models, object->key, &id);
    struct group *group = &models->group;
    range_encode_number(encoder, group->id ? &models->id : &models->first_id, id.id - group->id);
    group->id = id.id;
    range_encode_number(encoder, &models->size, object->size);
    bool is_known = digest_is_known(&object->digest);
    range_encode_bit(encoder, &models->has_digest, is_known);
    if (!is_known)
        return;
    uint64_t length = object->digest.length, foreseen = foresee_length(models, object->size);
    range_encode_bit(encoder, &models->is_shorter, length < foreseen);
    range_encode_number(encoder, &models->difference,
                        length < foreseen ? foreseen - length : length - foreseen);
    learn_ratio(models, object->size, length);
}

void block_write(struct buffer *out, const struct block_object *objects, size_t count)
{
    struct range_encoder encoder;
    struct models *models = memory_allocate(1, sizeof *models);
    uint8_t digest[BLOCK_DIGEST_SIZE];
    size_t digests = 0;
    buffer_clear(out);
    memset(buffer_extend(out, HEAD_SIZE), 0, HEAD_SIZE);
    out->size += HEAD_SIZE;
    for (size_t i = 0; i < count; i++)
        buffer_add(out, objects[i].tag, BLOCK_TAG_SIZE);
    for (size_t i = 0; i < count; i++)
        if (digest_is_known(&objects[i].digest)) {
            big_endian_put(digest, objects[i].digest.high, 8);
            big_endian_put(digest + 8, objects[i].digest.low, 4);
            buffer_add(out, digest, sizeof digest);
            digests++;
        }
    begin_models(models);
    range_encoder_begin(&encoder, out);
    for (size_t i = 0; i < count; i++)
        encode_object(&encoder, models, &objects[i]);
    range_encoder_end(&encoder);
    free(models);
    uint64_t check = XXH3_64bits(out->data + CHECKED_FROM, out->size - CHECKED_FROM);
    const uint8_t head[HEAD_SIZE] = {
        BLOCK_FORMAT,          (uint8_t)count,          (uint8_t)(count >> 8),
        (uint8_t)digests,      (uint8_t)(digests >> 8), (uint8_t)check,
        (uint8_t)(check >> 8), (uint8_t)(check >> 16),  (uint8_t)(check >> 24)};
    memcpy(out->data, head, sizeof head);
}

/* ---- reading ---- */

/* Decodes a text; returns false when the text is longer than MAX. */
static bool decode_text(struct range_decoder *decoder, struct models *models, char *text,
                        size_t *size, size_t max)
{
    uint64_t count = range_decode_number(decoder, &models->count);
    if (count > max)
        return false;
    for (size_t i = 0; i < count; i++)
        text[i] = (char)range_decode_byte(decoder, &models->letter);
    text[count] = '\0';
    *size = (size_t)count;
    return true;
}

static bool decode_group(struct range_decoder *decoder, struct models *models)
{
    struct group *group = &models->group;
    if (range_decode_bit(decoder, &models->is_next))
        return true;
    if (!range_decode_bit(decoder, &models->is_known)) {
        if (!range_decode_bit(decoder, &models->is_same_prefix) &&
            !decode_text(decoder, models, group->prefix, &group->prefix_size, PREFIX_MAX))
            return false;
        if (!decode_text(decoder, models, group->suffix, &group->suffix_size, SUFFIX_MAX))
            return false;
    }
    bool is_earlier = range_decode_bit(decoder, &models->is_earlier);
    uint32_t hours = (uint32_t)range_decode_number(decoder, &models->hour);
    group->hour = is_earlier ? group->hour - hours : group->hour + hours;
    group->id = 0;
    return true;
}

/* The digests of a block. */
struct digests {
    const uint8_t *next, *end;
    size_t size; /* bytes of each */
};

/* Decodes an object, and adds its key to KEYS. */
static bool decode_object(struct range_decoder *decoder, struct models *models,
                          struct block_object *object, struct buffer *keys, struct digests *digests)
{
    struct group *group = &models->group;
    if (!decode_group(decoder, models))
        return false;
    group->id +=
        (uint32_t)range_decode_number(decoder, group->id ? &models->id : &models->first_id);
    object->hour = group->hour;
    object->id = group->id;
    object->size = range_decode_number(decoder, &models->size);
    if (object->size >= number_max || !add_key(keys, group))
        return false;
    if (!range_decode_bit(decoder, &models->has_digest))
        return true;
    if (digests->next == digests->end)
        return false;
    uint64_t foreseen = foresee_length(models, object->size);
    bool is_shorter = range_decode_bit(decoder, &models->is_shorter);
    uint64_t difference = range_decode_number(decoder, &models->difference);
    object->digest = (struct digest){is_shorter ? foreseen - difference : foreseen + difference,
                                     big_endian_get(digests->next, 8),
                                     (uint32_t)big_endian_get(digests->next + 8, 4)};
    digests->next += digests->size;
    if (object->digest.length >= number_max)
        return false;
    learn_ratio(models, object->size, object->digest.length);
    return true;
}

static bool decode(struct block *block, const struct block_data *data, const uint8_t *end)
{
    struct digests digests = {data->digests, data->digests + data->digest_count * data->digest_size,
                              data->digest_size};
    struct models *models = memory_allocate(1, sizeof *models);
    size_t *begins = memory_allocate(block->count, sizeof *begins);
    struct range_decoder decoder;
    bool done = true;
    begin_models(models);
    range_decoder_begin(&decoder, digests.end, (size_t)(end - digests.end));
    for (size_t i = 0; done && i < block->count; i++) {
        begins[i] = block->keys.size;
        memcpy(block->objects[i].tag, data->tags + i * BLOCK_TAG_SIZE, BLOCK_TAG_SIZE);
        done = decode_object(&decoder, models, &block->objects[i], &block->keys, &digests);
    }
    for (size_t i = 0; done && i < block->count; i++)
        block->objects[i].key = block->keys.data + begins[i];
    free(begins);
    free(models);
    return done && digests.next == digests.end;
}

bool block_open(struct block_data *data, const void *bytes, size_t size)
{
    const uint8_t *head = bytes;
    if (size <= HEAD_SIZE || (head[0] != BLOCK_FORMAT && head[0] != BLOCK_FORMAT_LONG))
        return false;
    *data = (struct block_data){
        .tags = head + HEAD_SIZE,
        .count = head[1] | (size_t)head[2] << 8,
        .digest_count = head[3] | (size_t)head[4] << 8,
        .digest_size = head[0] == BLOCK_FORMAT ? BLOCK_DIGEST_SIZE : DIGEST_LONG_SIZE,
    };
    size_t tags_size = data->count * BLOCK_TAG_SIZE;
    uint32_t check =
        head[5] | (uint32_t)head[6] << 8 | (uint32_t)head[7] << 16 | (uint32_t)head[8] << 24;
    data->digests = data->tags + tags_size;
    return data->count && data->count <= BLOCK_OBJECTS_MAX && data->digest_count <= data->count &&
           size >= HEAD_SIZE + tags_size + data->digest_count * data->digest_size &&
           check == (uint32_t)XXH3_64bits(head + CHECKED_FROM, size - CHECKED_FROM);
}

struct block *block_read(int64_t id, const void *bytes, size_t size)
{
    struct block_data data;
    if (!block_open(&data, bytes, size))
        return NULL;
    struct block *block = memory_allocate(1, sizeof *block);
    *block = (struct block){.id = id, .users = 1, .count = data.count};
    block->objects = memory_allocate(data.count, sizeof *block->objects);
    if (decode(block, &data, (const uint8_t *)bytes + size))
        return block;
    block_release(block);
    return NULL;
}

void block_release(struct block *block)
{
    if (!block || --block->users)
        return;
    buffer_free(&block->keys);
    free(block->objects);
    free(block);
}

size_t block_find(const struct block *block, const char *key)
{
    size_t low = 0, high = block->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(block->objects[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
