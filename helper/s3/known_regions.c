#include "s3/known_regions.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "aws/partition.h"
#include "aws/region.h"
#include "memory/allocate.h"

/* The words of a line. */
struct line {
    struct word {
        const char *text;
        size_t size;
    } region, bucket, url; /* url.size is 0: AWS */
};

static void take_word(struct word *word, const char **text)
{
    *word = (struct word){*text, strcspn(*text, " \n")};
    *text += word->size + (word->text[word->size] == ' ');
}

/* Reads the line at TEXT.  Returns where the next one begins, or NULL at the end of the text. */
static const char *read_line(struct line *line, const char *text)
{
    if (!text || !*text)
        return NULL;
    take_word(&line->region, &text);
    take_word(&line->bucket, &text);
    take_word(&line->url, &text);
    text += strcspn(text, "\n");
    return text + (*text == '\n');
}

static bool is_equal(const struct word *word, const char *text, size_t size)
{
    return word->size == size && !memcmp(word->text, text, size);
}

/* Finds the line about the bucket whose name has SIZE bytes. */
static bool find(struct line *line, const char *text, const char *bucket, size_t size)
{
    while ((text = read_line(line, text)))
        if (is_equal(&line->bucket, bucket, size))
            return true;
    return false;
}

char *known_regions_find(const char *text, const char *bucket, const char *url,
                         const char *configured)
{
    struct line line;
    if (!find(&line, text, bucket, strlen(bucket)) ||
        !is_equal(&line.url, url ? url : "", url ? strlen(url) : 0))
        return NULL;
    char *region = memory_copy_bytes(line.region.text, line.region.size);
    if (region_is_name(region) &&
        (url || partition_of_region(region) == partition_of_region(configured)))
        return region;
    free(region);
    return NULL;
}

void known_regions_add(struct buffer *text, const char *region, const char *bucket, const char *url)
{
    struct line present;
    if (!find(&present, text->data, bucket, strlen(bucket)))
        buffer_printf(text, "%s %s%s%s\n", region, bucket, url ? " " : "", url ? url : "");
}

void known_regions_keep(struct buffer *text, const char *old)
{
    struct line line, newer;
    const char *next;
    for (; (next = read_line(&line, old)); old = next)
        if (line.bucket.size && !find(&newer, text->data, line.bucket.text, line.bucket.size))
            buffer_printf(text, "%.*s\n", (int)strcspn(old, "\n"), old);
}
