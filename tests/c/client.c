/* log/address, log/client and log/anonymize: every form of an address, which address is the client's, and how
 * it is written. */
#include <arpa/inet.h>
#include <stdlib.h>

#include "log/client.h"
#include "tap.h"

static const struct network proxies[] = {
    {{true, {198, 51, 100}}, 24},
    {{true, {203, 0, 113, 128}}, 25},
    {{false, {0x20, 0x01, 0x0d, 0xb8, 0, 0x77}}, 48},
};

/* Checks the client of a record with these values of c-ip and x-forwarded-for; "-" for none. */
static void check_client_of(const struct client_options *options, const char *c_ip,
                            const char *forwarded, const char *want, const char *kind)
{
    size_t size = strlen(forwarded);
    char *copy = malloc(size ? size : 1), out[CLIENT_SIZE], name[512];
    memcpy(copy, forwarded, size);
    snprintf(name, sizeof name, "%s: \"%s\"", kind, forwarded);
    size_t used =
        client_put(options, (struct field){c_ip, strlen(c_ip)}, (struct field){copy, size}, 0, out);
    is_text(out, used, want, name);
    free(copy);
}

static void check_client(const struct client_options *options, const char *forwarded,
                         const char *want, const char *kind)
{
    check_client_of(options, "-", forwarded, want, kind);
}

static void test_forwarded(void)
{
    static const char *const cases[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"192.0.2.1,198.51.100.1", "192.0.2.1"},
        {"unknown, 198.51.100.1", "198.51.100.1"},
        {"unknown,%20198.51.100.1", "198.51.100.1"},
        {"unknown,\\x20198.51.100.1", "198.51.100.1"},
        {"192.0.2.1:4711", "192.0.2.1"},
        {"localhost:8080,192.0.2.7", "192.0.2.7"},
        {"192.000.002.003", "192.0.2.3"},
        {"\"192.0.2.1\"", "192.0.2.1"},
        {"%22192.0.2.1:80%22", "192.0.2.1"},
        {"\\x22192.0.2.1\\x22", "192.0.2.1"},
        {"\"[2001:DB8::1]:443\"", "2001:db8::1"},
        {"2001:db8::1", "2001:db8::1"},
        {"[2001:db8::1]:443", "2001:db8::1"},
        {"%5B2001:db8::1%5d", "2001:db8::1"},
        {"[2001:db8::1", "-"},
        {"2001:0DB8:0000:0000:0000:0000:0000:00AA", "2001:db8::aa"},
        {"::ffff:192.0.2.9", "192.0.2.9"},
        {"300.1.1.1", "-"},
        {"-", "-"},
        {"", "-"},
        {",,%20, ,", "-"},
        {"1.2.3", "-"},
        {"1.2.3.4.5", "-"},
        {"1.2.3.4%", "-"},
        {"\"", "-"},
        {"%22%5B", "-"},
        {"192.0.2.1,", "192.0.2.1"},
        {"0.0.0.0", "-"},
        {"10.0.0.1", "-"},
        {"010.001.002.003", "-"},
        {"172.27.226.194, 203.0.113.15", "203.0.113.15"},
        {"172.32.0.1", "172.32.0.1"},
        {"127.0.0.1,192.168.9.9,169.254.1.1,100.64.0.1,192.0.2.1", "192.0.2.1"},
        {"::1, fe80::1, fd00::1, ::, 2001:db8::5", "2001:db8::5"},
        {"${jndi:ldap://x/a}", "-"},
    };
    const struct client_options first = {.is_forwarded = true};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_client(&first, cases[i][0], cases[i][1], "without proxies");
    char long_element[300];
    memset(long_element, '0', sizeof long_element - 1);
    memcpy(long_element + 250, "1.2.3.4", sizeof "1.2.3.4");
    check_client(&first, long_element, "1.2.3.4", "many zeros");
    memset(long_element, 'a', 200);
    check_client(&first, long_element, "-", "a long word");
}

static void test_proxies(void)
{
    static const char *const cases[][2] = {
        {"172.27.226.194, 203.0.113.15, 198.51.100.8", "203.0.113.15"},
        {"192.0.2.1, 203.0.113.15", "203.0.113.15"},
        {"192.0.2.1, 203.0.113.128, 203.0.113.255", "192.0.2.1"},
        {"192.0.2.1, 10.0.0.1, 198.51.100.1:80", "192.0.2.1"},
        {"192.0.2.1, unknown, 10.0.0.1, 198.51.100.1:80", "-"},
        {"192.0.2.1, unknown, 192.0.2.2, 198.51.100.1:80", "192.0.2.2"},
        {"6.6.6.6,%2520192.0.2.9,%2520198.51.100.8", "192.0.2.9"},
        {"6.6.6.6,%5Cx20192.0.2.9,%5cx20198.51.100.8", "192.0.2.9"},
        {"6.6.6.6,%09192.0.2.9,\\x09198.51.100.8", "192.0.2.9"},
        {"6.6.6.6,%2509192.0.2.9,%5Cx09%5cx09198.51.100.8\t", "192.0.2.9"},
        {"6.6.6.6,%2192.0.2.9,%20198.51.100.8", "-"},
        {"192.0.2.1, [2001:db8:77::9]:80", "192.0.2.1"},
        {"192.0.2.1, 2001:db8:78::9", "2001:db8:78::9"},
        {"::ffff:198.51.100.8", "-"},
        {"198.51.100.8", "-"},
    };
    const struct client_options options = {
        .is_forwarded = true, .proxies = proxies, .proxy_count = sizeof proxies / sizeof *proxies};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_client(&options, cases[i][0], cases[i][1], "trusted proxies");
    static const char *const connected[][2] = {
        {"192.0.2.50", "192.0.2.50"}, /* the header may be forged */
        {"2001:db8:78::1", "2001:db8:78::1"},
        {"198.51.100.50", "192.0.2.1"},
        {"2001:db8:77::1", "192.0.2.1"},
        {"10.0.0.5", "192.0.2.1"},
        {"unknown", "192.0.2.1"},
    };
    for (size_t i = 0; i < sizeof connected / sizeof *connected; i++)
        check_client_of(&options, connected[i][0], "192.0.2.1", connected[i][1], connected[i][0]);
    check_client_of(&options, "198.51.100.50", "192.0.2.1, unknown", "198.51.100.50",
                    "an element that is no address ends the search");
    const struct client_options without = {.is_forwarded = true};
    check_client_of(&without, "192.0.2.50", "192.0.2.1", "192.0.2.1", "without trusted proxies");
}

/* Stores the client of a record with this c-ip. */
static void put(char text[CLIENT_SIZE + 1], enum anonymize how, struct day_keys *keys,
                const char *c_ip, uint32_t time)
{
    const struct client_options options = {.anonymize = how, .keys = keys};
    size_t used = client_put(&options, (struct field){c_ip, strlen(c_ip)}, (struct field){"-", 1},
                             time, text);
    text[used] = '\0';
}

/* Checks the clients of records: each case has the value of c-ip and the written address. */
static void check_c_ips(enum anonymize how, const char *const cases[][2], size_t count)
{
    char text[CLIENT_SIZE + 1];
    for (size_t i = 0; i < count; i++) {
        put(text, how, NULL, cases[i][0], 0);
        is_text(text, strlen(text), cases[i][1], cases[i][0]);
    }
}

static void test_short(void)
{
    static const char *const cases[][2] = {
        {"192.0.2.77", "192.0.2.0"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1::"},
        {"2001:0db8:0001:ffff::1", "2001:db8:1::"},
        {"::ffff:192.0.2.77", "192.0.2.0"},
        {"192.0.2.0", "192.0.2.0"},
        {"-", "-"},
        {"host.example.com", "-"},
    };
    check_c_ips(ANONYMIZE_IP, cases, sizeof cases / sizeof *cases);
}

static void test_c_ip(void)
{
    static const char *const cases[][2] = {
        {"2001:0DB8:0:0::00AA", "2001:db8::aa"},
        {"::ffff:192.0.2.77", "192.0.2.77"},
        {"[2001:db8::1]:443", "2001:db8::1"},
        {"192.0.2.077", "192.0.2.077"},
        {"fd00::0001", "fd00::1"},
        {"2001:db8:::1", "2001:db8:::1"},
        {"a b:c:d", "a%20b:c:d"},
        {"-", "-"},
        {"", "-"},
    };
    check_c_ips(ANONYMIZE_NONE, cases, sizeof cases / sizeof *cases);
}

static void test_hash(void)
{
    enum { DAY = 86400, NOON = DAY / 2 };
    char first[CLIENT_SIZE + 1], second[CLIENT_SIZE + 1];
    struct day_keys *keys = day_keys_new(), *others = day_keys_new();
    put(first, ANONYMIZE_HASH, keys, "192.0.2.77", 10 * DAY);
    put(second, ANONYMIZE_HASH, keys, "192.0.2.77", 10 * DAY + NOON);
    ok(!strncmp(first, "fd41:5753:4346:", 15), "a name: %s", first);
    is_text(second, strlen(second), first, "the same all day");
    put(second, ANONYMIZE_HASH, keys, first, 20 * DAY);
    is_text(second, strlen(second), first, "a name stays");
    put(second, ANONYMIZE_IP, NULL, first, 20 * DAY);
    is_text(second, strlen(second), first, "a name is not shortened");
    put(second, ANONYMIZE_HASH, keys, "192.0.2.78", 10 * DAY);
    ok(strcmp(first, second) != 0, "another address has another name");
    put(second, ANONYMIZE_HASH, keys, "192.0.2.77", 11 * DAY);
    ok(strcmp(first, second) != 0, "another name on another day");
    put(second, ANONYMIZE_HASH, others, "192.0.2.77", 10 * DAY);
    ok(strcmp(first, second) != 0, "another name by another key");

    day_keys_free(others);
    others = day_keys_new();
    day_keys_put(others, 10, day_keys_needed(keys, 10, 100));
    put(second, ANONYMIZE_HASH, others, "192.0.2.77", 10 * DAY);
    is_text(second, strlen(second), first, "the same name by the key of an earlier run");
    day_keys_put(others, 5, day_keys_get(keys, 5));
    ok(!day_keys_needed(others, 5, 6), "an old key that is not in use is not needed");
    ok(day_keys_needed(others, 5, 5) != NULL, "an old key is not removed before its time");
    ok(!day_keys_needed(others, 6, 0), "a day without a key");
    put(second, ANONYMIZE_HASH, others, "192.0.2.77", UINT32_MAX);
    ok(day_keys_needed(others, DAY_KEYS_DAYS - 1, UINT32_MAX) != NULL, "the last day");
    day_keys_free(keys);
    day_keys_free(others);
}

static void test_record(void)
{
    const struct client_options options = {.anonymize = ANONYMIZE_IP};
    char record[128] = "2026-10-31\t00:00:00\t-\t0\t2001:db8::1:2\tGET\n";
    size_t size = client_anonymize_record(&options, record, strlen(record), 0);
    is_text(record, size, "2026-10-31\t00:00:00\t-\t0\t2001:db8::\tGET\n", "in a record");
    strcpy(record, "2026-10-31\t00:00:00\t-\t0\tx\n");
    size = client_anonymize_record(&options, record, strlen(record), 0);
    is_text(record, size, "2026-10-31\t00:00:00\t-\t0\t-\n", "the last value of a record");
}

/* Returns a group of an IPv6 address: often 0, short, or the mark of an IPv4 address. */
static unsigned make_group(uint32_t random)
{
    static const unsigned rare[] = {0, 0, 0, 0, 0xffff, 1};
    return random % 8 < 6 ? rare[random % 8] : (random >> 8 & 0xffff) >> random % 3 * 4;
}

/* Addresses are written as the C library writes them. */
static void test_written(void)
{
    uint32_t random = 1;
    unsigned wrong = 0;
    for (unsigned i = 0; i < 20000; i++) {
        struct address address = {0};
        char out[ADDRESS_TEXT_SIZE], want[ADDRESS_TEXT_SIZE];
        for (unsigned group = 0; group < ADDRESS_BYTES / 2; group++) {
            random = random * 1664525 + 1013904223;
            const unsigned value = make_group(random >> 8);
            address.bytes[2 * group] = (unsigned char)(value >> 8);
            address.bytes[2 * group + 1] = (unsigned char)value;
        }
        address.is_v4 = i % 50 == 0;
        size_t size = address_write(&address, out);
        inet_ntop(address.is_v4 ? AF_INET : AF_INET6, address.bytes, want, sizeof want);
        wrong += size != strlen(want) || memcmp(out, want, size) != 0;
    }
    ok(!wrong, "20000 addresses are written as inet_ntop() does (%u are not)", wrong);
}

/* IPv6 addresses, and texts that are nearly some, are read as the C library reads them. */
static void test_read(void)
{
    static const char *const pieces[] = {":",    ":",     ":",  ":",         "::", "0",  "1",
                                         "2001", "0db8",  "ff", "FFFF",      "g",  "aB", "",
                                         "0000", "00001", "%",  "192.0.2.1", "7",  "10"};
    uint32_t random = 1;
    unsigned wrong = 0, addresses = 0;
    for (unsigned i = 0; i < 300000; i++) {
        char text[200] = "2::";
        size_t begin = i % 3, count = i % 20; /* of "2::" and then pieces, by turns with colons */
        text[begin + 1] = '\0';
        for (size_t j = 0; j < count; j++) {
            random = random * 1664525 + 1013904223;
            const size_t choice = (random >> 8) % (sizeof pieces / sizeof *pieces);
            strcat(text, j % 2 && random >> 28 ? ":" : pieces[choice]);
        }
        const char *colon = strchr(text, ':');
        if (!colon || !strchr(colon + 1, ':'))
            continue; /* no IPv6 address, but perhaps an IPv4 one with a port */
        struct address got = {0}, want = {0};
        bool is_address = address_parse(&want, text);
        addresses += is_address;
        wrong += address_read(&got, text, strlen(text)) != is_address ||
                 (is_address && (got.is_v4 != want.is_v4 ||
                                 memcmp(got.bytes, want.bytes, sizeof want.bytes) != 0));
    }
    ok(addresses > 1000 && !wrong, "%u IPv6 addresses are read as inet_pton() does (%u are not)",
       addresses, wrong);
}

int main(void)
{
    test_read();
    test_written();
    test_forwarded();
    test_proxies();
    test_short();
    test_c_ip();
    test_hash();
    test_record();
    return done_testing();
}
