/* Decompresses the pages of a Parquet file. */
#ifndef PARQUET_CODEC_H
#define PARQUET_CODEC_H

#include <stdbool.h>
#include <stddef.h>

struct codec;

struct codec *codec_new(void); /* NULL when memory has run out */
void codec_free(struct codec *codec);

/* Returns why pages that are compressed with the codec NUMBER cannot be read: a constant text; NULL when
 * they can. */
const char *codec_error(int number);

/* Whether the codec NUMBER stands for bytes that are not compressed. */
bool codec_is_none(int number);

/* Unpacks IN to OUT, exactly SIZE bytes.  Returns whether that was possible. */
bool codec_unpack(struct codec *codec, int number, const unsigned char *in, size_t in_size,
                  unsigned char *out, size_t size);

#endif
