/* parquet: values that are not strings, as text, in each of their encodings. */
#include <stdlib.h>
#include <string.h>

#include "parquet/parquet.h"
#include "parquet/type.h"
#include "parquet_file.h"
#include "tap.h"

/* Checks the text of a value. */
static void check(const char *name, struct type type, const void *bytes, size_t size,
                  const char *want)
{
    char out[TYPE_TEXT_MAX];
    ok(!type_error(&type) && !type_is_text(&type) && type_size(&type) == size, "%s: is read", name);
    size_t written = type_write(&type, (struct field){bytes, size}, out);
    is_text(out, written, want, name);
}

static void check_int32(struct type type, int32_t number, const char *want)
{
    type.kind = TYPE_INT32;
    check(want, type, &number, sizeof number, want);
}

static void check_int64(struct type type, int64_t number, const char *want)
{
    type.kind = TYPE_INT64;
    check(want, type, &number, sizeof number, want);
}

static void check_double(double number, const char *want)
{
    check(want, (struct type){.kind = TYPE_DOUBLE}, &number, sizeof number, want);
}

static void test_whole(void)
{
    const struct type plain = {0}, whole = {.is_unsigned = true},
                      decimal = {.meaning = TYPE_DECIMAL, .scale = 2};
    check_int32(plain, INT32_MIN, "-2147483648");
    check_int32(whole, -1, "4294967295");
    check_int64(plain, INT64_MIN, "-9223372036854775808");
    check_int64(whole, -1, "18446744073709551615");
    check_int64(decimal, 100000, "1000");
    check_int64(decimal, -5, "-0.05");
    check_int32(decimal, 1250, "12.50");
    check_int32(decimal, 0, "0");
    const struct type fixed = {
        .kind = TYPE_FIXED, .length = 3, .meaning = TYPE_DECIMAL, .scale = 1};
    check("a decimal of three bytes", fixed, "\xff\xff\x85", 3, "-12.3");
    const struct type longest = {.kind = TYPE_FIXED, .length = 16, .meaning = TYPE_DECIMAL};
    check("a decimal of 16 bytes", longest, "\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16,
          "-170141183460469231731687303715884105728");
    check("zero in 16 bytes", longest, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, "0");
    struct type scaled = longest;
    scaled.scale = 39;
    check("a decimal of 39 digits behind the point", scaled, "\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16,
          "-0.170141183460469231731687303715884105728");
}

static void test_real(void)
{
    check_double(0.01, "0.010");
    check_double(5324, "5324");
    check_double(-1.5, "-1.500");
    check_double(1.0 / 3, "0.333");
    check_double(1099511627776, "1099511627776");
    check_double(1e300, "infinite");
    check_double(1773144000037000, "1773144000037000");
    check_double(-1773144000036999936, "-1773144000036999936");
    check_double(strtod("nan", NULL), "-");
    const float single = 0.123F;
    check("a float", (struct type){.kind = TYPE_FLOAT}, &single, sizeof single, "0.123");
}

static void test_times(void)
{
    const struct type date = {.meaning = TYPE_DATE},
                      milli = {.meaning = TYPE_TIME, .per_second = 1000},
                      micro = {.meaning = TYPE_TIME, .per_second = 1000000},
                      stamp = {.meaning = TYPE_TIMESTAMP, .per_second = 1000},
                      nano = {.meaning = TYPE_TIMESTAMP, .per_second = 1000000000};
    check_int32(date, 20522, "2026-03-10");
    check_int32(date, 0, "1970-01-01");
    check_int32(date, -1, "-1");
    check_int32(date, 60000, "60000");
    check_int32(milli, 43200999, "12:00:00");
    check_int64(micro, INT64_C(86399000000), "23:59:59");
    check_int64(micro, INT64_C(86400000000), "86400000000");
    check_int64(stamp, INT64_C(1773144000000), "2026-03-10T12:00:00Z");
    check_int64(stamp, INT64_C(1773144000025), "2026-03-10T12:00:00.025Z");
    check_int64(nano, INT64_C(1773144000250000001), "2026-03-10T12:00:00.250Z");
    check_int64(stamp, -1, "-1");
    unsigned char int96[12] = {0};
    const uint64_t half_a_day = UINT64_C(43200250000000);
    const uint32_t day = 2440588 + 20522;
    memcpy(int96, &half_a_day, sizeof half_a_day);
    memcpy(int96 + 8, &day, sizeof day);
    check("INT96", (struct type){.kind = TYPE_INT96}, int96, sizeof int96,
          "2026-03-10T12:00:00.250Z");
    memset(int96, 0xff, sizeof int96);
    check("INT96 outside the calendar", (struct type){.kind = TYPE_INT96}, int96, sizeof int96,
          "4292526707");
}

static void test_refused(void)
{
    const struct type refused[] = {
        {.kind = -1},
        {.kind = 8},
        {.kind = TYPE_BOOLEAN},
        {.kind = TYPE_STRING, .meaning = TYPE_DECIMAL},
        {.kind = TYPE_INT32, .meaning = TYPE_DECIMAL, .scale = -1},
        {.kind = TYPE_INT32, .meaning = TYPE_DECIMAL, .scale = 40},
        {.kind = TYPE_FIXED},
        {.kind = TYPE_FIXED, .length = 17, .meaning = TYPE_DECIMAL},
        {.kind = TYPE_FIXED, .length = 16, .meaning = TYPE_OTHER},
        {.kind = TYPE_INT64, .meaning = TYPE_DATE},
        {.kind = TYPE_INT64, .meaning = TYPE_TIMESTAMP},
        {.kind = TYPE_DOUBLE, .meaning = TYPE_TIME, .per_second = 1000},
    };
    size_t count = sizeof refused / sizeof *refused, found = 0;
    for (size_t i = 0; i < count; i++)
        found += type_error(&refused[i]) != NULL;
    ok(found == count, "%zu of %zu types are refused", found, count);
}

/* Reads the rows of a file of one column, whose page has these bytes in an encoding. */
static void check_page(const char *name, struct file_column column, int encoding, const void *bytes,
                       size_t size, int64_t rows, const char *want)
{
    struct buffer file = {0}, got = {0};
    struct field value;
    column.name = "a";
    column.at = 4;
    buffer_add_text(&file, "PAR1");
    put_page_header(
        &file, &(struct page_claims){0, (int64_t)size, (int64_t)size, rows, encoding, 0, false});
    buffer_add(&file, bytes, size);
    put_map(&file, &column, 1, rows);
    struct parquet *parquet = parquet_new();
    int more = 0;
    bool opened = parquet_open(parquet, (const unsigned char *)file.data, file.size) &&
                  parquet_choose(parquet, 0);
    while (opened && (more = parquet_next(parquet, &value)) > 0) {
        buffer_add(&got, value.text, value.size);
        buffer_add_text(&got, ",");
    }
    buffer_add_text(&got, opened && more == 0 ? "" : parquet_error(parquet));
    bool is_same = strstr(got.data, want) != NULL;
    ok(is_same, "%s", name);
    if (!is_same)
        printf("#  got: %s\n# want: %s\n", got.data, want);
    parquet_free(parquet);
    buffer_free(&file);
    buffer_free(&got);
}

static void test_pages(void)
{
    const struct file_column int32 = {.type = TYPE_INT32}, int64 = {.type = TYPE_INT64},
                             fixed = {.type = TYPE_FIXED, .length = 2}, string = {.type = 0};
    check_page("PLAIN", int32, 0, "\1\0\0\0\xff\xff\xff\xff", 8, 2, "1,-1,");
    check_page("PLAIN, a byte short", int32, 0, "\1\0\0\0\xff\xff\xff", 7, 2, "has fewer values");
    check_page("strings of two bytes", fixed, 0, "abcd", 4, 2, "ab,cd,");
    check_page("BYTE_STREAM_SPLIT", int32, 9, "\1\2\3\1\0\0\0\0\0\0\0\0", 12, 3, "257,2,3,");
    check_page("BYTE_STREAM_SPLIT, a byte short", int32, 9, "\1\2\3\1\0\0\0\0\0\0\0", 11, 3,
               "has fewer values");
    check_page("BYTE_STREAM_SPLIT of strings", string, 9, "abcd", 4, 1, "BYTE_STREAM_SPLIT;");
    check_page("DELTA_BINARY_PACKED of strings", string, 5, "abcd", 4, 1, "DELTA_BINARY_PACKED;");

    /* 300 values, more than are read at once */
    unsigned char many[300 * 4] = {0};
    struct buffer want = {0};
    for (unsigned i = 0; i < 300; i++) {
        many[i] = (unsigned char)i;
        many[300 + i] = (unsigned char)(i >> 8);
        buffer_printf(&want, "%u,", i);
    }
    check_page("BYTE_STREAM_SPLIT of many", int32, 9, many, sizeof many, 300, want.data);
    buffer_free(&want);

    /* 1, then the differences 2^63 - 1 and -2^63 + 1, in 64 bits each, from 0 on */
    unsigned char wide[11 + 32 * 8] = {0x80, 1, 4, 3, 2, 0, 64, 0, 0, 0};
    memset(wide + 10, 0xff, 7);
    wide[17] = 0x7f;
    wide[18] = 1;
    wide[25] = 0x80;
    check_page("DELTA_BINARY_PACKED, 64 bits", int64, 5, wide, sizeof wide - 1, 3,
               "1,-9223372036854775808,1,");
    check_page("DELTA_BINARY_PACKED, more than there are", int64, 5, wide, sizeof wide - 1, 4,
               "has fewer values");
    /* 32 bits, whose differences wrap around */
    static const unsigned char wraps[] = {0x80, 1,   4, 2, 0xfe, 0xff, 0xff,
                                          0xff, 0xf, 2, 0, 0,    0,    0};
    check_page("DELTA_BINARY_PACKED, 32 bits that wrap around", int32, 5, wraps, sizeof wraps, 2,
               "2147483647,-2147483648,");
}

/* A column without values: Apache Arrow writes its dictionary, without values, and gives 0 for the place of
 * its first page. */
static void test_empty(void)
{
    struct buffer file = {0};
    struct field value;
    const struct file_column column = {.name = "a", .at = 0, .dictionary = 4};
    buffer_add_text(&file, "PAR1");
    put_page_header(&file, &(struct page_claims){2, 0, 0, 0, 0, 0, false});
    put_map(&file, &column, 1, 0);
    struct parquet *parquet = parquet_new();
    ok(parquet_open(parquet, (const unsigned char *)file.data, file.size) &&
           parquet_choose(parquet, 0) && parquet_next(parquet, &value) == 0,
       "a row group without rows: %s", parquet_error(parquet));
    parquet_free(parquet);
    buffer_free(&file);
}

int main(void)
{
    test_whole();
    test_real();
    test_times();
    test_refused();
    test_pages();
    test_empty();
    return done_testing();
}
