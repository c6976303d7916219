/* parquet: numbers, the map, pages, and files with false headers.  tests/26_parquet.t has files of other programs. */
#include <stdlib.h>
#include <string.h>

#include "log/parquet_log.h"
#include "parquet/delta.h"
#include "parquet/hybrid.h"
#include "parquet/memory.h"
#include "parquet/parquet.h"
#include "parquet/thrift.h"
#include "parquet_file.h"
#include "tap.h"

/* A copy of bytes that ends where its memory does. */
static unsigned char *exact(const void *bytes, size_t size)
{
    unsigned char *copy = malloc(size ? size : 1);
    memcpy(copy, bytes, size);
    return copy;
}

static void test_thrift(void)
{
    static const unsigned char numbers[] = {0, 127, 0x80, 1, 0xff, 0xff, 3};
    static const uint64_t want[] = {0, 127, 128, 65535};
    struct thrift thrift = {.at = numbers, .end = numbers + sizeof numbers};
    size_t same = 0;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        same += thrift_varint(&thrift) == want[i];
    ok(same == sizeof want / sizeof *want && !thrift.failed, "varints");
    thrift_varint(&thrift);
    ok(thrift.failed, "a varint after the end");
    static const unsigned char longest[] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 1};
    thrift = (struct thrift){.at = longest, .end = longest + sizeof longest};
    ok(thrift_varint(&thrift) == UINT64_MAX, "64 bits");
    static const unsigned char longer[] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 2};
    thrift = (struct thrift){.at = longer, .end = longer + sizeof longer};
    ok(thrift_varint(&thrift) == 0 && thrift.failed, "65 bits");
    ok(thrift_zigzag(0) == 0 && thrift_zigzag(1) == -1 && thrift_zigzag(2) == 1 &&
           thrift_zigzag(UINT64_MAX) == INT64_MIN,
       "zigzag");

    struct buffer out = {0};
    struct thrift_field field = {0};
    put_list(&out, 3, 2, LIST); /* [[true, false], [7.5]] */
    put_byte(&out, 0x21);
    buffer_add(&out, "\1\2", 2);
    put_byte(&out, 0x17);
    buffer_add(&out, "\0\0\0\0\0\0\x1e@", 8);
    put_field(&out, 4, 11); /* a map, {"a": -1} */
    buffer_add(&out, "\1\x85\1a\1", 5);
    put_field(&out, 5, 11); /* an empty one */
    put_byte(&out, 0);
    put_field(&out, 40, STRUCT);
    put_integer(&out, 1, 5);
    put_byte(&out, 0);
    put_integer(&out, 41, -77);
    put_byte(&out, 0);
    unsigned char *copy = exact(out.data, out.size);
    thrift = (struct thrift){.at = copy, .end = copy + out.size};
    int64_t found = 0;
    while (thrift_next(&thrift, &field))
        if (field.id == 41)
            found = thrift_integer(&thrift, field.type);
        else
            thrift_skip(&thrift, field.type);
    ok(found == -77 && !thrift.failed && thrift.at == thrift.end,
       "values of all kinds are skipped");
    size_t failed = 0;
    for (size_t size = 0; size < out.size; size++) {
        unsigned char *part = exact(out.data, size);
        thrift = (struct thrift){.at = part, .end = part + size};
        field = (struct thrift_field){0};
        while (thrift_next(&thrift, &field))
            thrift_skip(&thrift, field.type);
        failed += thrift.failed;
        free(part);
    }
    ok(failed == out.size, "a struct that is cut off anywhere is an error");
    free(copy);
    buffer_clear(&out);
    for (int i = 0; i < 1000; i++)
        put_byte(&out, 0x19); /* a list of a list of a list ... */
    thrift = (struct thrift){.at = (unsigned char *)out.data,
                             .end = (unsigned char *)out.data + out.size};
    thrift_skip(&thrift, THRIFT_LIST);
    ok(thrift.failed, "lists inside lists have an end");
    buffer_free(&out);
}

static void test_hybrid(void)
{
    /* eight numbers of 3 bits, 0 to 7; then five times 6; then eight times 1, of which three bytes are missing */
    static const unsigned char bytes[] = {3, 0x88, 0xc6, 0xfa, 10, 6, 3, 0x49};
    unsigned char *copy = exact(bytes, sizeof bytes);
    struct hybrid hybrid;
    uint32_t number[16] = {0}, run;
    hybrid_begin(&hybrid, copy, copy + sizeof bytes, 3);
    ok(hybrid_read(&hybrid, number, 5) && number[0] == 0 && number[4] == 4, "packed numbers");
    ok(!hybrid_take_run(&hybrid, 2, &run), "are no run");
    ok(hybrid_read(&hybrid, number, 4) && number[2] == 7 && number[3] == 6, "across both kinds");
    ok(!hybrid_take_run(&hybrid, 5, &run), "a run of four is not one of five");
    ok(hybrid_take_run(&hybrid, 3, &run) && run == 6, "a run");
    ok(hybrid_read(&hybrid, number, 3) && number[0] == 6 && number[1] == 1 && number[2] == 1,
       "numbers whose last bytes are missing");
    ok(!hybrid_read(&hybrid, number, 1), "no more than there are");
    free(copy);
    static const unsigned char none[] = {6, 9};
    hybrid_begin(&hybrid, none, none + 1, 0);
    ok(hybrid_read(&hybrid, number, 3) && number[2] == 0, "numbers of no bits");
    static const unsigned char cut[] = {3};
    hybrid_begin(&hybrid, cut, cut + 1, 1);
    ok(!hybrid_take_run(&hybrid, 2, &run) && !hybrid_read(&hybrid, number, 1),
       "packed numbers without a byte");
    hybrid_begin(&hybrid, none, none, 1);
    ok(!hybrid_read(&hybrid, number, 1), "no bytes");
}

static void test_delta(void)
{
    /* 10 numbers from 7 on in a block of 128 with four parts: differences of least 0 and 2 bits */
    static const unsigned char bytes[] = {0x80, 1,    4,    10, 14, 0, 2, 0, 0,  0,
                                          0xe4, 0xe4, 0x01, 0,  0,  0, 0, 0, 'x'};
    static const uint32_t want[] = {7, 7, 8, 10, 13, 13, 14, 16, 19, 20};
    unsigned char *copy = exact(bytes, sizeof bytes);
    struct delta delta;
    uint32_t number;
    bool same = delta_begin(&delta, copy, copy + sizeof bytes);
    ok(same && delta_end(&delta) == copy + sizeof bytes - 1, "where the numbers end");
    for (size_t i = 0; i < 10; i++)
        same = same && delta_read(&delta, &number) && number == want[i];
    ok(same, "the numbers");
    ok(!delta_read(&delta, &number), "no more than there are");
    size_t refused = 0;
    for (size_t size = 0; size < sizeof bytes - 1; size++) {
        unsigned char *part = exact(bytes, size);
        refused += !delta_begin(&delta, part, part + size) || !delta_end(&delta);
        free(part);
    }
    ok(refused == sizeof bytes - 1, "numbers that are cut off anywhere are refused");
    free(copy);
    static const unsigned char negative[] = {0x80, 1, 4, 1, 1};
    ok(delta_begin(&delta, negative, negative + sizeof negative) && !delta_read(&delta, &number),
       "a length below 0");
    ok(delta_end(&delta) == negative + sizeof negative, "one number has no block");
    static const unsigned char parts[] = {0x80, 1, 0, 1, 1};
    ok(!delta_begin(&delta, parts, parts + sizeof parts), "a block of no parts");
}

/* Returns the rows of a file, with "," behind each value, or "!" and the error; the caller frees the text. */
static char *read_file(const struct buffer *file)
{
    struct parquet *parquet = parquet_new();
    unsigned char *copy = exact(file->data, file->size);
    struct buffer rows = {0};
    struct field value[PARQUET_COLUMNS_MAX];
    int more = parquet_open(parquet, copy, file->size) ? 1 : -1;
    for (size_t i = 0; more > 0 && i < parquet_count(parquet); i++)
        parquet_choose(parquet, i);
    buffer_add_text(&rows, "");
    while (more > 0 && rows.size < 1 << 20 && (more = parquet_next(parquet, value)) > 0)
        for (size_t i = 0; i < parquet_count(parquet); i++) {
            buffer_add(&rows, value[i].text, value[i].size);
            buffer_add_text(&rows, ",");
        }
    if (more < 0)
        buffer_printf(&rows, "!%s", parquet_error(parquet));
    parquet_free(parquet);
    free(copy);
    return rows.data;
}

/* Reads a file of one column, not compressed, with a page that claims PAGE and has these bytes. */
static char *read_page(const struct page_claims *page, const void *bytes, size_t size, int codec,
                       bool is_optional, int64_t rows)
{
    struct buffer file = {0};
    const struct file_column column = {
        .name = "a", .codec = codec, .is_optional = is_optional, .at = 4};
    buffer_add_text(&file, "PAR1");
    put_page_header(&file, page);
    buffer_add(&file, bytes, size);
    put_map(&file, &column, 1, rows);
    char *got = read_file(&file);
    buffer_free(&file);
    return got;
}

static void check_page(const char *name, const struct page_claims *page, const void *bytes,
                       size_t size, int codec, bool is_optional, int64_t rows, const char *want)
{
    char *got = read_page(page, bytes, size, codec, is_optional, rows);
    bool is_error = *want == '!';
    ok(is_error ? strchr(got, '!') && strstr(got, want + 1) : !strcmp(got, want), "%s", name);
    if (is_error ? !strstr(got, want + 1) : strcmp(got, want) != 0)
        printf("#  got: %.300s\n# want: %s\n", got, want);
    free(got);
}

static void test_pages(void)
{
    static const char plain[] = "\1\0\0\0x\0\0\0\0\2\0\0\0yz";
    struct page_claims page = {
        .size = sizeof plain - 1, .packed_size = sizeof plain - 1, .values = 3};
    check_page("plain values", &page, plain, sizeof plain - 1, 0, false, 3, "x,,yz,");
    check_page("fewer rows than values", &page, plain, sizeof plain - 1, 0, false, 2,
               "!the pages of a column have more values than the column itself");
    check_page("more rows than values", &page, plain, sizeof plain - 1, 0, false, 4, "!");
    page.values = 4;
    check_page("fewer values than the header says", &page, plain, sizeof plain - 1, 0, false, 4,
               "!fewer values than its header says");
    page.size++;
    check_page("two sizes", &page, plain, sizeof plain - 1, 0, false, 4, "!a page has two sizes");
    page.size = page.packed_size = (int64_t)1 << 31;
    check_page("a page of 2 GiB", &page, plain, sizeof plain - 1, 0, false, 4,
               "!the header of a page");
    page.size = page.packed_size = INT32_MAX;
    check_page("a page of less than 2 GiB", &page, plain, sizeof plain - 1, 0, false, 4,
               "!a page goes on after the end");
    page.packed_size = sizeof plain - 1;
    for (int codec = 1; codec <= 7; codec++)
        if (codec < 3 || codec > 5)
            check_page("a page that claims 2 GiB once it is unpacked", &page, plain,
                       sizeof plain - 1, codec, false, 4, "!need more than 256 MiB");
    page.size = 100;
    for (int codec = 1; codec <= 7; codec++)
        if (codec < 3 || codec > 5)
            check_page("bytes that are not compressed so", &page, plain, sizeof plain - 1, codec,
                       false, 4, "!cannot be unpacked");
    check_page("LZ4 in the frames of Hadoop", &page, plain, sizeof plain - 1, 5, false, 4,
               "!compressed with LZ4;");
    check_page("LZO", &page, plain, sizeof plain - 1, 3, false, 4, "!compressed with LZO;");
    check_page("an unknown codec", &page, plain, sizeof plain - 1, 99, false, 4,
               "!compressed by an unknown method");

    static const char levels[] = "\2\0\0\0\3\5\1\0\0\0x\1\0\0\0y"; /* x null y */
    page = (struct page_claims){
        .size = sizeof levels - 1, .packed_size = sizeof levels - 1, .values = 3};
    check_page("null", &page, levels, sizeof levels - 1, 0, true, 3, "x,-,y,");
    page.encoding = 4;
    check_page("an encoding of other types", &page, levels, sizeof levels - 1, 0, true, 3,
               "!column a: its values have the encoding BIT_PACKED");
    page.encoding = 8;
    check_page("places without a dictionary", &page, levels, sizeof levels - 1, 0, true, 3, "!");
    page = (struct page_claims){3, 13, 13, 3, 0, 2, false};
    check_page("null in a page of version 2", &page, levels + 4, 13 - 1, 0, true, 3, "!");
    page.size = page.packed_size = 12;
    check_page("null in a page of version 2", &page, levels + 4, 12, 0, true, 3, "x,-,y,");
    check_page("not packed although the column is", &page, levels + 4, 12, 1, true, 3, "x,-,y,");
    page.level_size = 13;
    check_page("levels longer than the page", &page, levels + 4, 12, 0, true, 3,
               "!the levels of a page are longer");
    static const char nulls[] = "\6\0"; /* a run of three */
    page = (struct page_claims){3, 2, 2, 3, 8, 2, true};
    check_page("a page of null alone", &page, nulls, 2, 2, true, 3, "-,-,-,");

    /* 2^30 equal values of 100 KiB, which are built of one: their number must not take memory */
    struct buffer bomb = {0};
    put_varint(&bomb, 65536); /* prefixes: 100 KiB each but the first */
    put_varint(&bomb, 1);
    put_varint(&bomb, 1 << 30);
    put_varint(&bomb, 0);
    put_varint(&bomb, 200000);
    put_byte(&bomb, 0);
    char *got;
    page = (struct page_claims){0, (int64_t)bomb.size, (int64_t)bomb.size, 1 << 30, 7, 0, false};
    got = read_page(&page, bomb.data, bomb.size, 0, false, 1 << 30);
    ok(strchr(got, '!') != NULL, "2^30 values of a few bytes: %.80s", got);
    free(got);
    buffer_free(&bomb);
}

static void test_dictionary(void)
{
    static const char words[] = "\1\0\0\0x\2\0\0\0yz",
                      places[] = "\1\3\2\6\1"; /* x yz x x ..., yz * 3 */
    for (int is_bad = 0; is_bad < 3; is_bad++) {
        struct buffer file = {0};
        const struct file_column column = {.name = "a", .at = 4};
        struct page_claims page = {2, 11, 11, is_bad == 1 ? 3 : is_bad == 2 ? 1 : 2, 2, 0, false};
        buffer_add_text(&file, "PAR1");
        put_page_header(&file, &page);
        buffer_add(&file, words, 11);
        page = (struct page_claims){0, 5, 5, 11, 2, 0, false};
        put_page_header(&file, &page);
        buffer_add(&file, places, 5);
        put_map(&file, &column, 1, 11);
        char *got = read_file(&file);
        if (is_bad)
            ok(strstr(got, is_bad == 1 ? "a dictionary has fewer values" : "not in the dictionary"),
               "a dictionary that is too small: %s", got);
        else
            is_text(got, strlen(got), "x,yz,x,x,x,x,x,x,yz,yz,yz,", "a dictionary");
        free(got);
        buffer_free(&file);
    }
}

/* Changes each byte of a file, and cuts the file off at each byte.  The reader must not read beyond the bytes. */
static void test_changes(void)
{
    static const char plain[] = "\1\0\0\0x\0\0\0\0\2\0\0\0yz";
    struct page_claims page = {
        .size = sizeof plain - 1, .packed_size = sizeof plain - 1, .values = 3};
    const struct file_column column = {.name = "a", .at = 4};
    struct buffer file = {0};
    size_t errors = 0, tries = 0;
    buffer_add_text(&file, "PAR1");
    put_page_header(&file, &page);
    buffer_add(&file, plain, sizeof plain - 1);
    put_map(&file, &column, 1, 3);
    for (size_t i = 0; i < file.size; i++)
        for (unsigned change = 1; change < 256; change++) {
            file.data[i] = (char)(file.data[i] ^ (int)change);
            char *got = read_file(&file);
            errors += strchr(got, '!') != NULL;
            tries++;
            free(got);
            file.data[i] = (char)(file.data[i] ^ (int)change);
        }
    ok(errors > tries / 2, "changed bytes: %zu of %zu files are refused", errors, tries);
    errors = 0;
    size_t whole = file.size;
    for (file.size = 0; file.size < whole; file.size++) {
        char *got = read_file(&file);
        errors += *got == '!';
        free(got);
    }
    ok(errors == whole, "a file that is cut off anywhere is refused");
    file.size = whole;
    buffer_free(&file);
}

static void test_map(void)
{
    struct buffer file = {0};
    static struct file_column columns[300];
    for (size_t i = 0; i < 300; i++)
        columns[i] = (struct file_column){.name = "a", .at = 4};
    buffer_add_text(&file, "PAR1");
    put_map(&file, columns, 257, 0);
    char *got = read_file(&file);
    ok(strstr(got, "more than 256 columns") != NULL, "257 columns: %s", got);
    free(got);
    file.size = 4;
    put_map(&file, columns, 256, 0);
    got = read_file(&file);
    is_text(got, strlen(got), "", "256 columns, and no row");
    free(got);
    file.size = 4;
    columns[0].at = INT64_MAX;
    put_map(&file, columns, 1, 1);
    got = read_file(&file);
    ok(strstr(got, "the list of its columns, at its end, cannot be read") != NULL,
       "a page outside the file: %s", got);
    free(got);
    buffer_free(&file);
}

static void test_memory(void)
{
    struct memory memory = {0};
    struct block first = {NULL, 0}, second = {NULL, 0};
    ok(!block_reserve(&memory, &first, 100) && !block_reserve(&memory, &second, 5000) &&
           first.capacity >= 100 && memory.used == first.capacity + second.capacity,
       "blocks");
    ok(block_reserve(&memory, &first, PARQUET_MEMORY_MAX - second.capacity + 1) != NULL,
       "all blocks together are bounded");
    ok(!block_reserve(&memory, &first, PARQUET_MEMORY_MAX - second.capacity), "up to the bound");
    block_free(&memory, &first);
    block_free(&memory, &second);
    ok(memory.used == 0, "nothing is left");
    memory.unpacked_max = PARQUET_UNPACKED_MAX;
    ok(!memory_count_unpacked(&memory, PARQUET_UNPACKED_MAX) && memory_count_unpacked(&memory, 1),
       "all pages together are bounded");
    memory.file_size = 100;
    ok(!memory_count_read(&memory, 60) && !memory_count_read(&memory, 40) &&
           memory_count_read(&memory, 1),
       "no page is read twice");
}

static bool count_row(void *user, size_t size)
{
    (void)size;
    ++*(uint64_t *)user;
    return true;
}

/* A file of some 300 bytes that claims to have 2^30 equal rows is read in a short time. */
static void test_equal_rows(void)
{
    static const char *const words[] = {"2026-10-31", "00:00:00", "192.0.2.1"};
    static struct log log = {.max_inflated = PARQUET_UNPACKED_MAX};
    struct buffer file = {0};
    struct file_column columns[] = {{.name = "date"}, {.name = "time"}, {.name = "c_ip"}};
    buffer_add_text(&file, "PAR1");
    for (size_t i = 0; i < 3; i++) {
        int64_t size = (int64_t)strlen(words[i]);
        columns[i].at = (int64_t)file.size;
        put_page_header(&file, &(struct page_claims){2, 4 + size, 4 + size, 1, 0, 0, false});
        put_byte(&file, (unsigned)size);
        buffer_add(&file, "\0\0\0", 3);
        buffer_add_text(&file, words[i]);
        put_page_header(&file, &(struct page_claims){0, 7, 7, 1 << 30, 8, 0, false});
        put_byte(&file, 1);
        put_varint(&file, (uint64_t)2 << 30);
        put_byte(&file, 0);
    }
    put_map(&file, columns, 3, 1 << 30);
    uint64_t rows = 0;
    bool done = parquet_format.read_whole(&log, (const unsigned char *)file.data, file.size,
                                          count_row, &rows);
    ok(!done && strstr(log.error, "more than 64 rows for each of its bytes"), "2^30 equal rows: %s",
       log.error);
    ok(rows == 64 * file.size, "as many as the file has bytes, 64 times");
    buffer_free(&file);
}

int main(void)
{
    test_equal_rows();
    test_thrift();
    test_hybrid();
    test_delta();
    test_pages();
    test_dictionary();
    test_changes();
    test_map();
    test_memory();
    return done_testing();
}
