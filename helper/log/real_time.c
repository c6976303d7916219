#include "log/real_time.h"

#include <string.h>
#include <strings.h>

#include "log/layout.h"

const struct normalize_meaning real_time_meaning = {.viewer_host = COLUMN_HOST,
                                                    .distribution_host = INPUT_HOST_HEADER};

/* The columns of real-time logs in their order.  Those from the first bracket on have come later. */
#define BEFORE_SERVER "timestamp c-ip"
#define AFTER_SERVER                                                                               \
    " time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host cs-uri-stem cs-bytes "   \
    "x-edge-location x-edge-request-id x-host-header time-taken cs-protocol-version "              \
    "c-ip-version cs-user-agent cs-referer cs-cookie cs-uri-query x-edge-response-result-type "    \
    "x-forwarded-for ssl-protocol ssl-cipher x-edge-result-type fle-encrypted-fields fle-status "  \
    "sc-content-type sc-content-len sc-range-start sc-range-end c-port "                           \
    "x-edge-detailed-result-type c-country cs-accept-encoding cs-accept "                          \
    "cache-behavior-path-pattern cs-headers cs-header-names cs-headers-count"
#define DISTRIBUTION " primary-distribution-id primary-distribution-dns-name"
#define ORIGIN       " origin-fbl origin-lbl asn"
#define MEDIA                                                                                      \
    " cmcd-encoded-bitrate cmcd-buffer-length cmcd-buffer-starvation cmcd-content-id "             \
    "cmcd-object-duration cmcd-deadline cmcd-measured-throughput cmcd-next-object-request "        \
    "cmcd-next-range-request cmcd-object-type cmcd-playback-rate cmcd-requested-maximum-"          \
    "throughput cmcd-streaming-format cmcd-session-id cmcd-stream-type cmcd-startup "              \
    "cmcd-top-bitrate cmcd-version"
#define LAST " r-host sr-reason x-edge-mqcs distribution-tenant-id connection-id"

static const char all_names[] = BEFORE_SERVER " s-ip" AFTER_SERVER DISTRIBUTION ORIGIN MEDIA LAST;

const struct layout real_time_layouts[] = {
    {"a real-time log", BEFORE_SERVER AFTER_SERVER ORIGIN, {43}, false, true},
    {"a real-time log",
     BEFORE_SERVER AFTER_SERVER DISTRIBUTION ORIGIN MEDIA LAST,
     {40, 42, 45, 63, 66, 68},
     false,
     true},
    {"a real-time log",
     BEFORE_SERVER " s-ip" AFTER_SERVER DISTRIBUTION ORIGIN MEDIA LAST,
     {41, 43, 46, 64, 67, 69},
     false,
     true},
    {"a real-time log", BEFORE_SERVER AFTER_SERVER, {40}, true, true},
    {0},
};

/* Names that standard logs have, too, or spell in another way: these tell nothing. */
static const char standard_names[] =
    " timestamp c-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host "
    "cs-uri-stem cs-bytes x-edge-location x-edge-request-id x-host-header time-taken "
    "cs-protocol-version cs-user-agent cs-referer cs-cookie cs-uri-query "
    "x-edge-response-result-type x-forwarded-for ssl-protocol ssl-cipher x-edge-result-type "
    "fle-encrypted-fields fle-status sc-content-type sc-content-len sc-range-start sc-range-end "
    "c-port x-edge-detailed-result-type c-country cache-behavior-path-pattern origin-fbl "
    "origin-lbl asn distribution-tenant-id connection-id ";

/* Whether two names are the same, but for case, and "_" or nothing in the place of "-". */
static bool is_same(const char *a, size_t a_size, const char *b, size_t b_size)
{
    bool is_b_joined = !memchr(b, '-', b_size) && !memchr(b, '_', b_size);
    const char *a_end = a + a_size, *b_end = b + b_size;
    for (; a < a_end; a++) {
        if (is_b_joined && *a == '-')
            continue;
        if (b == b_end || strncasecmp(a, *b == '_' ? "-" : b, 1))
            return false;
        b++;
    }
    return b == b_end;
}

/* Returns the place of a name among NAMES, which have a space between; NULL when they lack it. */
static const char *find_name(const char *names, const char *name, size_t size)
{
    for (names += strspn(names, " "); *names; names += strspn(names, " ")) {
        size_t length = strcspn(names, " ");
        if (is_same(names, length, name, size))
            return names;
        names += length;
    }
    return NULL;
}

bool real_time_has_name(const char *name, size_t size)
{
    return find_name(all_names, name, size) && !find_name(standard_names, name, size);
}

bool real_time_has_names(const struct header *header)
{
    return header->has_real_time_name && !header->has_parenthesis;
}

static bool has_byte(struct field value, char byte)
{
    return value.size && memchr(value.text, byte, value.size);
}

static bool is_of_cloudfront(struct field host)
{
    static const char end[] = ".cloudfront.net";
    size_t size = sizeof end - 1;
    return host.size > size && !strncasecmp(host.text + host.size - size, end, size);
}

bool real_time_has_other_hosts(struct field host, struct field host_header)
{
    return is_of_cloudfront(host) && !field_is_absent(host_header) &&
           !is_of_cloudfront(host_header);
}

bool real_time_has_values(struct field timestamp, struct field host, struct field host_header,
                          struct field stem)
{
    bool has_distribution = real_time_has_other_hosts(host_header, host);
    bool has_fraction = has_byte(timestamp, '.') && !has_byte(timestamp, ':');
    return has_distribution || has_fraction || has_byte(stem, '?');
}

bool real_time_has_row(const struct header *header, const struct fields *fields)
{
    bool has_standard_names = header->has_parenthesis || header_has(header, COLUMN_DATE);
    struct field stamp =
        has_standard_names ? fields_absent() : fields_get(fields, header, INPUT_TIMESTAMP);
    return header_has(header, INPUT_TIMESTAMP) &&
           real_time_has_values(stamp, fields_get(fields, header, COLUMN_HOST),
                                fields_get(fields, header, INPUT_HOST_HEADER),
                                fields_get(fields, header, COLUMN_STEM));
}

void real_time_order(struct header *header, const char *names)
{
    static const char between[] = " ,\t";
    struct {
        const char *name, *place;
        size_t size;
    } field[HEADER_FIELDS_MAX];
    size_t count = 0;
    for (const char *s = names + strspn(names, between); *s && count < HEADER_FIELDS_MAX;
         s += strspn(s, between)) {
        size_t size = strcspn(s, between), at = count;
        const char *place = find_name(all_names, s, size);
        if (!place)
            place = all_names + sizeof all_names;
        for (; at && field[at - 1].place > place; at--)
            field[at] = field[at - 1];
        field[at].name = s;
        field[at].place = place;
        field[at].size = size;
        count++;
        s += size;
    }
    header_begin(header);
    for (size_t i = 0; i < count; i++)
        header_add(header, field[i].name, field[i].size);
    header_end(header);
}

void real_time_add_query(struct header *header)
{
    if (header->position[COLUMN_QUERY] < 0 && header->position[COLUMN_STEM] >= 0)
        header->position[COLUMN_QUERY] = (int16_t)header->field_count;
}

void real_time_cut_stem(struct fields *fields, const struct header *header)
{
    int stem_at = header->position[COLUMN_STEM], query_at = header->position[COLUMN_QUERY];
    if (stem_at < 0 || (size_t)stem_at >= fields->count)
        return;
    struct field *stem = &fields->field[stem_at], *query = &fields->field[query_at];
    const char *mark = stem->size ? memchr(stem->text, '?', stem->size) : NULL;
    struct field cut = fields_absent();
    if (mark) {
        size_t path = (size_t)(mark - stem->text);
        cut = (struct field){mark + 1, stem->size - path - 1};
        stem->size = path;
    }
    if ((size_t)query_at >= fields->count && query_at == (int)header->field_count) {
        for (; fields->count < (size_t)query_at; fields->count++)
            fields->field[fields->count] = fields_absent();
        fields->field[fields->count++] = cut;
    } else if ((size_t)query_at < fields->count && field_is_absent(*query)) {
        *query = cut;
    }
}
