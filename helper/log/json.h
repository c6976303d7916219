/* Reads the members of a JSON object of the kind that logs have: one level, mostly strings.  Nested values are skipped.
 * The text is JSON (RFC 8259), but may have NaN and Infinity, which Python's json module writes. */
#ifndef LOG_JSON_H
#define LOG_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "normalized/field.h"

/* The most members of an object. */
enum { JSON_MEMBERS_MAX = 256 };

enum json_kind {
    JSON_STRING,
    JSON_NUMBER,
    JSON_WORD /* true, false, Infinity */,
    JSON_NULL /* or NaN */,
    JSON_NESTED
};

/* A name that an object may have. */
enum { JSON_NAME_MAX = 48 };
struct json_name {
    size_t size;
    char text[JSON_NAME_MAX];
};

struct json_member {
    struct field name;
    bool is_expected;   /* the name is the one that was expected at this place */
    struct field value; /* empty for null and for a nested value */
    enum json_kind kind;
};

/* EXPECTED are names without escapes at the places that they had in an earlier object: most objects of a
 * log have the same ones.  Zeroed at birth. */
struct json_object {
    size_t expected_count;
    struct json_name expected[JSON_MEMBERS_MAX];
    size_t count;
    struct json_member member[JSON_MEMBERS_MAX];
};

enum json_result { JSON_READ, JSON_MORE /* the object goes on after the text */, JSON_MALFORMED };

/* Reads the object at *TEXT, which begins with "{", and moves *TEXT after it when it was read.  Names
 * and strings with escapes are written to SCRATCH, of SCRATCH_SIZE bytes, and all others stay in the
 * text.  A string has no raw line feed: a line that was cut off ends there.  An object of more members,
 * or with nested values more than JSON_DEPTH_MAX deep, is malformed, and so is one whose escapes need more room
 * than SCRATCH has. */
enum { JSON_DEPTH_MAX = 64 };
enum json_result json_read_object(struct json_object *object, const char **text, const char *end,
                                  char *scratch, size_t scratch_size);

#endif
