#include "log/foreign.h"

#include <string.h>

#include "log/format.h"
#include "log/iso_time.h"
#include "log/names.h"
#include "log/shape.h"
#include "normalized/ascii.h"
#include "normalized/clock.h"
#include "text/big_endian.h"

/* Returns the size of the word at the start of the text: up to a space. */
static size_t word_size(const char *text, size_t size)
{
    const char *space = memchr(text, ' ', size);
    return space ? (size_t)(space - text) : size;
}

/* The owner of a bucket, 64 hexadecimal digits or "-"; the bucket; the time, as in [06/Feb/2026:00:00:38 */
static bool is_s3_access_log(const char *line, size_t size)
{
    size_t owner = word_size(line, size);
    bool is_owner = owner == 64 || (owner == 1 && *line == '-');
    for (size_t i = 0; owner == 64 && i < owner; i++)
        is_owner &= ascii_is_digit(line[i]) || (line[i] >= 'a' && line[i] <= 'f');
    if (!is_owner || owner + 1 >= size)
        return false;
    size_t bucket = owner + 1 + word_size(line + owner + 1, size - owner - 1);
    return bucket + 4 < size && line[bucket + 1] == '[' && ascii_is_digit(line[bucket + 2]) &&
           ascii_is_digit(line[bucket + 3]) && line[bucket + 4] == '/';
}

/* A time such as 2026-02-06T00:00:38.186641Z, the name of a classic load balancer, and the client's address with its
 * port.  CloudFront's date and time, with a space between, are no such time. */
static bool is_classic_load_balancer_log(const char *line, size_t size)
{
    size_t time = iso_time_read(line, size);
    if (!time || time == size || line[time] != ' ' || line[CLOCK_DATE_SIZE] != 'T')
        return false;
    const char *name = line + time + 1, *end = line + size;
    size_t name_size = word_size(name, (size_t)(end - name));
    if (name + name_size == end)
        return false;
    const char *client = name + name_size + 1;
    size_t client_size = word_size(client, (size_t)(end - client));
    return client_size > 1 && ascii_is_digit(client[client_size - 1]) &&
           memchr(client, ':', client_size);
}

/* A protocol, for network load balancers a version, and a time. */
static bool is_load_balancer_log(const char *line, size_t size)
{
    static const char *const words[] = {"http ", "https ", "h2 ",      "grpcs ",
                                        "ws ",   "wss ",   "tls 1.0 ", "tls 2.0 "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (field_begins_with((struct field){line, size}, words[i]))
            return iso_time_read(line + strlen(words[i]), size - strlen(words[i])) > 0;
    return is_classic_load_balancer_log(line, size);
}

/* The names of the fields, or a version and a network interface. */
static bool is_flow_log(const char *line, size_t size)
{
    bool has_version = size > 2 && *line >= '2' && *line <= '9' && line[1] == ' ';
    return (field_begins_with((struct field){line, size}, "version ") &&
            memmem(line, size, "-id ", 4)) ||
           (has_version && memmem(line, size, " eni-", 5));
}

/* Milliseconds since 1970; an ID, which ends with "=="; and Success or Failed, as in
 * 1731620046814 ID== Success, with any delimiter between. */
static bool is_connection_log(const char *line, size_t size)
{
    enum { DIGITS = 13, SEARCHED = 128 };
    size_t searched = size < SEARCHED ? size : SEARCHED, digits = 0;
    while (digits < searched && ascii_is_digit(line[digits]))
        digits++;
    const char *id_end = digits == DIGITS ? memmem(line, searched, "==", 2) : NULL;
    if (!id_end)
        return false;
    size_t rest = (size_t)(line + searched - id_end);
    const char *success = memmem(id_end, rest, "Success", 7),
               *failed = memmem(id_end, rest, "Failed", 6);
    const char *status = success ? success : failed;
    return status && status - id_end <= 2 + DELIMITER_SIZE_MAX;
}

static const char *name_line(const char *line, size_t size)
{
    if (is_s3_access_log(line, size))
        return "an S3 server access log";
    if (is_load_balancer_log(line, size))
        return "a log of a load balancer (ELB)";
    if (is_flow_log(line, size))
        return "a VPC flow log";
    if (is_connection_log(line, size))
        return "a CloudFront connection log";
    const char *table = names_find_foreign(line, size);
    if (table)
        return table;
    if (*line == '"')
        return "a CSV file, such as a result of Athena or an S3 inventory (for a log, the setting "
               "\"fields\" must name its columns)";
    if (*line == '<')
        return "an XML or HTML file";
    return NULL;
}

/* The name of a member of a JSON object, at the start of the first one.  The whole object may be large. */
static const char *name_json(const char *head, size_t size)
{
    static const char name[] = "\"Records\"";
    size_t i = 0;
    if (!size || *head != '{')
        return NULL;
    for (i = 1; i < size && ascii_is_white(head[i]);)
        i++;
    return field_begins_with((struct field){head + i, size - i}, name) ? "a CloudTrail log" : NULL;
}

static bool begins(const char *head, size_t size)
{
    return name_json(head, size) != NULL;
}

static bool has_line(const struct log *log, const char *line, size_t size)
{
    bool is_given = log->given.is_given && (*line == '"' || names_find_foreign(line, size));
    if (is_given || log_has_visitor_row(log, line, size))
        return false;
    if (is_load_balancer_log(line, size) && layout_fits_given(log, line, size))
        return false;
    return name_line(line, size) != NULL;
}

static enum line_kind read_line(struct log *log, const char *line, size_t size, uint32_t *time)
{
    (void)time;
    return log_pass_over(log, name_line(line, size));
}

static enum line_kind read_value(struct log *log, const char *text, size_t size, bool is_end,
                                 size_t *used)
{
    (void)is_end;
    *used = size;
    return log_pass_over(log, name_json(text, size));
}

const struct format foreign_format = {.unit = LINES_VALUE,
                                      .begins = begins,
                                      .has_line = has_line,
                                      .read = read_line,
                                      .read_value = read_value};

static bool has_control(const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)line[i] < ' ' && line[i] != '\t')
            return true;
    return false;
}

/* A date, an IPv4 address, or the seconds since 1970. */
static bool is_of_log(const char *value, size_t size)
{
    uint32_t number;
    size_t digits = 0, points = 0;
    for (size_t i = 0; i < size; i++) {
        digits += ascii_is_digit(value[i]);
        points += value[i] == '.';
    }
    return clock_parse_date(value, size, &number) || iso_time_read(value, size) ||
           (digits + points == size && ((points <= 1 && digits >= 10) || points == 3));
}

/* Whether a line seems to be a row of a table: at least five values, one of which is a date, a time or an
 * address. */
static bool is_row(const char *line, size_t size)
{
    static const char delimiters[] = "\t,;| ";
    for (const char *delimiter = delimiters; *delimiter; delimiter++) {
        size_t values = 0;
        bool has_one = false;
        for (const char *s = line, *end = line + size; s <= end; values++) {
            const char *next = s < end ? memchr(s, *delimiter, (size_t)(end - s)) : NULL;
            size_t length = (size_t)((next ? next : end) - s);
            has_one |= is_of_log(s, length);
            s += length + 1;
        }
        if (has_one && values >= 5)
            return true;
    }
    return false;
}

/* The byte order marks of UTF-16, which programs of Windows write. */
static bool is_utf16(const char *line, size_t size)
{
    return size >= 2 && (!memcmp(line, "\xff\xfe", 2) || !memcmp(line, "\xfe\xff", 2));
}

/* Whether data begins with a block as Hadoop's codec of Snappy writes it, without a magic: the bytes of the block, the
 * bytes of its first part when compressed, and that part.  The part begins with its own bytes, 7 bits in each byte, and
 * a literal. */
static bool is_hadoop_snappy(const char *data, size_t size)
{
    enum { FRAME_SIZE = 8, LENGTH_MAX = 4, BLOCK_MAX = 16 * 1024 * 1024 };
    if (size < FRAME_SIZE + LENGTH_MAX + 1)
        return false;
    const uint8_t *sizes = (const uint8_t *)data;
    uint64_t block = big_endian_get(sizes, 4), packed = big_endian_get(sizes + 4, 4);
    uint32_t part = 0;
    const char *s = data + FRAME_SIZE;
    for (unsigned shift = 0; shift < 7 * LENGTH_MAX; shift += 7, s++) {
        part |= ((uint32_t)*s & 0x7f) << shift;
        if (!(*s & 0x80))
            break;
    }
    bool is_literal = !(s[1] & 3);
    return block && block <= BLOCK_MAX && part && part <= block && is_literal && packed > 2 &&
           packed <= 32 + part + part / 6;
}

/* Returns the kind of file that binary data seems to be.  Firehose and Glue can write ORC and Avro. */
static const char *name_binary(const char *data, size_t size)
{
    enum { TAR_MAGIC_AT = 257 };
    if (field_begins_with((struct field){data, size}, "ORC"))
        return "an ORC file, which is not read; have the program that made it write Parquet or "
               "JSON";
    if (field_begins_with((struct field){data, size}, "Obj\1"))
        return "an Avro file, which is not read; have the program that made it write Parquet or "
               "JSON";
    if (size > TAR_MAGIC_AT &&
        field_begins_with((struct field){data + TAR_MAGIC_AT, size - TAR_MAGIC_AT}, "ustar"))
        return "a tar archive, which is not read; put its files in its place";
    if (is_hadoop_snappy(data, size))
        return "Snappy data in the frames of Hadoop, which is not read; decompress it, or let the "
               "program that made it, such as Firehose, compress with GZIP";
    return "binary data, not a CloudFront log";
}

/* Whether a line of a log may begin here: a header, a row with TABs, or a JSON object with a time. */
static bool begins_log(const char *s, size_t size)
{
    const struct field rest = {s, size};
    uint32_t number;
    const char *tab = memchr(s, '\t', size);
    if (field_begins_with(rest, "#Fields:") || field_begins_with(rest, "#Version:"))
        return true;
    if (field_begins_with(rest, "{\""))
        return memmem(s, size, "\"timestamp", 10) || memmem(s, size, "\"date\"", 6);
    size_t first = tab ? (size_t)(tab - s) : 0;
    return shape_is_precise_time((struct field){s, first}) ||
           (clock_parse_date(s, first, &number) && size > first + CLOCK_TIME_SIZE &&
            clock_parse_time(tab + 1, CLOCK_TIME_SIZE, &number));
}

/* Returns what a text before the line of a log is, as in `zgrep PATTERN *.gz`; NULL when there is none. */
static const char *name_prefix(const char *line, size_t size)
{
    enum { SEARCHED = 512 };
    size_t digits = 0, others = 0;
    bool has_name = false;
    for (size_t i = 0; i < size && i < SEARCHED; i++) {
        bool is_end = line[i] == ':' || ascii_is_blank(line[i]);
        digits += ascii_is_digit(line[i]);
        others += !is_end && !ascii_is_digit(line[i]);
        has_name |= line[i] == '.' || line[i] == '/';
        if (!is_end || digits + others == 0 || !begins_log(line + i + 1, size - i - 1))
            continue;
        if (!others)
            return "each line begins with a number, as \"grep -n\", \"cat -n\", \"uniq -c\" or "
                   "\"logresolvemerge.pl -addfilenum\" write it; leave this option out";
        return has_name
                   ? "each line begins with the name of a file, as \"zgrep PATTERN *.gz\" or "
                     "\"logresolvemerge.pl -addfilename\" write it; give grep the option -h and "
                     "not -n, or leave -addfilename out"
                   : "each line begins with a text before the record, such as one of syslog; "
                     "remove this text";
    }
    return NULL;
}

const char *foreign_unknown(const char *line, size_t size)
{
    const char *prefix = name_prefix(line, size);
    if (is_utf16(line, size))
        return "text in UTF-16, which is not read; convert it to UTF-8, for example by iconv";
    if (has_control(line, size) || (size == 3 && !memcmp(line, "ORC", 3)))
        return name_binary(line, size); /* the byte behind ORC may be a line feed */
    if (prefix)
        return prefix;
    if (names_are_similar(line, size))
        return "its first line names fields of CloudFront, but too few for a log of requests; if "
               "it is one, write the names of the columns, in their order, into the setting "
               "\"fields\"";
    if (is_row(line, size))
        return "not a CloudFront log without a header, as far as its first line shows; if it is "
               "one, write the names of the columns, in their order, into the setting \"fields\", "
               "and the text between two values into the setting \"delimiter\"";
    return "not a CloudFront log: its first line is neither a #Fields header nor a request";
}

const char *foreign_find_name(const char *name, size_t size)
{
    static const struct {
        const char *name, *kind;
    } names[] = {
        {"Records", "a CloudTrail log"},
        {"eventVersion", "a CloudTrail log"},
        {"connectionStatus", "a CloudFront connection log"},
        {"tlsProtocol", "a CloudFront connection log"},
        {"tlsCipher", "a CloudFront connection log"},
        {"connectionstatus",
         "a CloudFront connection log"}, /* tables of Athena have small letters */
        {"tlsprotocol", "a CloudFront connection log"},
        {"tlscipher", "a CloudFront connection log"},
        {"webaclId", "an AWS WAF log"},
        {"request_ip", "a table of CloudFront's logs in Athena, with names of its own"},
        {"sourceBucket", "an S3 inventory's manifest"},
        {"storage_class", "an S3 inventory"},
        {"last_modified_date", "an S3 inventory"},
        {"logStream", "a CloudWatch export"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == size && !memcmp(names[i].name, name, size))
            return names[i].kind;
    return NULL;
}

/* Copies the letters and digits of a name as small letters, to compare it; returns their number, at most ROOM. */
static size_t fold(const char *name, size_t size, char *out, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < size && count < room; i++)
        if (ascii_is_letter_or_digit(name[i]))
            out[count++] = (char)(name[i] | (ascii_is_letter(name[i]) ? 'a' - 'A' : 0));
    return count;
}

const char *const foreign_iis = "a log of IIS";

bool foreign_may_be_iis(const char *name, size_t size)
{
    static const char *const names[] = {"s-ip", "s_ip", NULL};
    return field_is_one_of((struct field){name, size}, names);
}

const char *foreign_find_other(const char *name, size_t size)
{
    static const char *const servers[] = {"sc-win32-status",
                                          "sc_win32_status",
                                          "sc-substatus",
                                          "sc_substatus",
                                          "s-port",
                                          "s_port",
                                          "s-sitename",
                                          "s_sitename",
                                          "s-computername",
                                          "s_computername",
                                          "cs-username",
                                          "cs_username",
                                          NULL};
    static const char *const counts[] = {
        "requests",  "requestcount",     "numrequests",  "totalrequests",
        "n",         "numberofrequests", "hits",         "hitcount",
        "totalhits", "visits",           "num",          "visitors",
        "views",     "pageviews",        "count",        "cnt",
        "sum",       "counter",          "total",        "totalbytes",
        "sumbytes",  "sumscbytes",       "avgtimetaken", "rows",
        "uniqueip",  "uniquevisitors",   "countall",     "countstar",
        NULL};
    char folded[24];
    if (field_is_one_of((struct field){name, size}, servers))
        return foreign_iis;
    size_t folded_size = fold(name, size, folded, sizeof folded);
    /* Athena calls a column of numbers without a name _col2. */
    bool is_unnamed = size > 4 && field_begins_with((struct field){name, size}, "_col") &&
                      ascii_is_digit(name[4]);
    return is_unnamed || field_is_one_of((struct field){folded, folded_size}, counts)
               ? "a table of counts, such as those of the requests of each path"
               : NULL;
}
