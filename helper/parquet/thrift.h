/* Reads Thrift's compact protocol, in which Parquet writes its map and the headers of its pages:
 *
 *     https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 *
 * Every function stays inside the bytes.  After the first error `failed` is set, `at` is `end`, and all
 * functions return 0 or nothing. */
#ifndef PARQUET_THRIFT_H
#define PARQUET_THRIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/field.h"

enum thrift_type {
    THRIFT_STOP,
    THRIFT_TRUE,
    THRIFT_FALSE,
    THRIFT_BYTE,
    THRIFT_I16,
    THRIFT_I32,
    THRIFT_I64,
    THRIFT_DOUBLE,
    THRIFT_BINARY,
    THRIFT_LIST,
    THRIFT_SET,
    THRIFT_MAP,
    THRIFT_STRUCT
};

/* Zeroed at birth, but for the bytes from AT to END. */
struct thrift {
    const unsigned char *at, *end;
    bool failed;
};

/* A field of a struct; its id is 0 before the first one. */
struct thrift_field {
    int16_t id;
    enum thrift_type type;
};

/* Reads the header of the next field.  Returns false at the end of the struct, and after an error. */
bool thrift_next(struct thrift *thrift, struct thrift_field *field);

/* Each reads the value of a field of this TYPE; another type than the function's is an error. */
int64_t thrift_integer(struct thrift *thrift, enum thrift_type type);
bool thrift_bool(struct thrift *thrift, enum thrift_type type);
struct field thrift_binary(struct thrift *thrift, enum thrift_type type);

/* Reads the header of a list whose elements have the type ELEMENT.  Returns how many follow: never more
 * than there are bytes. */
size_t thrift_list(struct thrift *thrift, enum thrift_type type, enum thrift_type element);

/* Returns true if the type is a struct's, whose fields follow; else it is an error. */
bool thrift_struct(struct thrift *thrift, enum thrift_type type);

/* Skips a value. */
void thrift_skip(struct thrift *thrift, enum thrift_type type);

/* Reads an unsigned number of up to 64 bits, seven bits a byte, the lowest first. */
uint64_t thrift_varint(struct thrift *thrift);

/* Returns the number that a zigzag number stands for: 0, -1, 1, -2 ... */
static inline int64_t thrift_zigzag(uint64_t number)
{
    return (int64_t)(number >> 1 ^ (0 - (number & 1)));
}

#endif
