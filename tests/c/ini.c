/* INI files: every form of a line, line numbers, limits; and the profiles of AWS's files. */
#include "text/ini.h"

#include <stdlib.h>

#include "aws/profile.h"
#include "memory/allocate.h"
#include "tap.h"
#include "text/buffer.h"

static bool add_line(void *user, const struct ini_line *line)
{
    struct buffer *out = user;
    if (line->name)
        buffer_printf(out, "%u %s%s=%s|", line->line, line->indented ? ">" : "", line->name,
                      line->value);
    else
        buffer_printf(out, "%u [%s]|", line->line, line->section);
    return strcmp(line->section, "end") != 0;
}

static void is_parsed(const char *text, size_t size, enum ini_result result, unsigned last,
                      const char *want, const char *name)
{
    struct buffer got = {0};
    unsigned line;
    char *copy = memory_copy_bytes(text, size); /* so that a sanitizer sees its end */
    char *exact = memory_resize(copy, size ? size : 1, 1);
    enum ini_result found = ini_parse(exact, size, add_line, &got, &line);
    ok(found == result && line == last, "%s: result %d, line %u", name, (int)found, line);
    is_text(got.data ? got.data : "", got.size, want, name);
    free(exact);
    buffer_free(&got);
}

#define PARSED(text, want, last, name) is_parsed(text, sizeof text - 1, INI_DONE, last, want, name)
#define REFUSED(text, want, last, name)                                                            \
    is_parsed(text, sizeof text - 1, INI_MALFORMED, last, want, name)

static void test_lines(void)
{
    PARSED("", "", 0, "nothing");
    PARSED("\n\r\n \t\n;c\n # c\n", "", 5, "blank lines and comments");
    PARSED("[a]\nb=c\n", "1 [a]|2 b=c|", 2, "plain");
    PARSED("[ a b ] ; c\r\n b : c d \r\n", "1 [a b]|2 >b=c d|", 2, "white space, CR LF");
    PARSED("[a] # c\nb = c", "1 [a]|2 b=c|", 2, "no end of the last line");
    PARSED("\xef\xbb\xbf[a]", "1 [a]|", 1, "a byte order mark");
    PARSED("a=b;c ;d\n", "1 a=b;c|", 1, "a comment needs white space before it");
    PARSED("a=b #c\n", "1 a=b #c|", 1, "# begins no comment behind a value");
    PARSED("a=\nb==\nc=:\n", "1 a=|2 b==|3 c=:|", 3, "values that are empty or separators");
    PARSED("a==b=c:d\n", "1 a==b=c:d|", 1, "only the first separator counts");
    REFUSED("[a]\n\nb\n", "1 [a]|", 3, "no separator");
    REFUSED("=b", "", 1, "no name");
    REFUSED("[]\n", "", 1, "no section's name");
    REFUSED("[a\nb=c\n", "", 1, "a header without an end");
    REFUSED("[a] b\n", "", 1, "something behind a header");
    REFUSED("a=b\nc=\0d\n", "1 a=b|", 2, "a NUL");
    REFUSED("a ;=b\n", "", 1, "a separator in a comment");
    is_parsed("[end]\na=b\n", 10, INI_ENDED, 1, "1 [end]|", "the visitor ends the reading");
}

static void test_long_lines(void)
{
    enum { LIMIT = 64 * 1024 };
    char *text = memory_allocate(LIMIT + 2, 1);
    struct buffer want = {0};
    memset(text, 'x', LIMIT + 1);
    text[60] = '='; /* a name longer than other readers take */
    buffer_printf(&want, "1 %.*s=%.*s|", 60, text, LIMIT - 61, text + 61);
    is_parsed(text, LIMIT, INI_DONE, 1, want.data, "a line of 64 KiB");
    is_parsed(text, LIMIT + 1, INI_TOO_LONG, 1, "", "a longer one");
    text[LIMIT - 1] = '\0';
    is_parsed(text, LIMIT + 1, INI_MALFORMED, 1, "", "a longer one with a NUL");
    buffer_free(&want);
    free(text);
}

static void is_profile(const char *credentials, const char *config, const char *want,
                       const char *name)
{
    struct profile profile = {.name = memory_copy_text("logs")};
    struct buffer error = {0}, got = {0};
    if (profile_parse(&profile, credentials, strlen(credentials), "credentials", false, &error))
        profile_parse(&profile, config, strlen(config), "config", true, &error);
    buffer_printf(&got, "%s,%s,%s,%s,%s,%s%s%s", profile.key_id ? profile.key_id : "",
                  profile.secret ? profile.secret : "", profile.token ? profile.token : "",
                  profile.region ? profile.region : "", profile.endpoint ? profile.endpoint : "",
                  profile.found ? "found" : "", profile.other_way ? ",other" : "",
                  error.size ? error.data : "");
    is_text(got.data, got.size, want, name);
    profile_free(&profile);
    buffer_free(&error);
    buffer_free(&got);
}

static void test_profiles(void)
{
    is_profile("[x]\naws_access_key_id=1\n[logs]\naws_access_key_id=2\naws_secret_access_key=3\n",
               "[profile logs]\naws_access_key_id=4\naws_session_token=5\nregion=r\n"
               "s3 =\n  region = nested\n endpoint_url = nested\nendpoint_url = e\n",
               "2,3,,r,e,found", "the keys of one file, the settings of both");
    is_profile("", "[logs]\nregion=r\n", ",,,,,", "in config a section is [profile NAME]");
    is_profile("", "[profile\tlogs]\nrole_arn=r\n", ",,,,,found,other", "a role");
    is_profile("[logs]\nregion=r\nregion=s\naws_access_key_id=\naws_access_key_id=1\n", "",
               "1,,,r,,found", "the first that is not empty");
    is_profile("[logs]\nx\n", "",
               ",,,,,foundcredentials:2: the line is neither [SECTION] nor NAME = VALUE; correct "
               "or remove it",
               "a malformed line");
}

int main(void)
{
    test_lines();
    test_long_lines();
    test_profiles();
    return done_testing();
}
