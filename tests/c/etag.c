/* ETags: quotes, weak ones, those that are an MD5. */
#include "s3/etag.h"

#include "tap.h"

#define MD5 "d41d8cd98f00b204e9800998ecf8427e"

static void find(const char *value, const char *want)
{
    size_t size;
    const char *etag = s3_etag_find(value, &size);
    is_text(etag, size, want, value);
}

static void compare(const char *a, const char *b, bool want)
{
    ok(s3_etag_is_equal(a, b) == want && s3_etag_is_equal(b, a) == want, "%s %s %s", a,
       want ? "equals" : "does not equal", b);
}

static void is_md5(const char *etag, bool want)
{
    ok(s3_etag_is_md5(etag) == want, "\"%s\" %s", etag, want ? "is an MD5" : "is no MD5");
}

int main(void)
{
    find("\"" MD5 "\"", MD5);
    find(MD5, MD5);
    find("\"" MD5 "-12\"", MD5 "-12");
    find("W/\"abc\"", "W/\"abc\"");
    find("\"a\"b\"", "a\"b");
    find("\"open", "\"open");
    find("\"", "\"");
    find("\"\"", "");
    find("", "");

    ok(s3_etag_is_weak("W/\"abc\""), "weak");
    ok(!s3_etag_is_weak("W/abc"), "weak without quotes: strong");
    ok(!s3_etag_is_weak("w/\"abc\""), "w/ in lower case: strong");
    ok(!s3_etag_is_weak(""), "none: strong");

    compare("abc", "abc", true);
    compare("abc", "W/\"abc\"", true);
    compare("W/\"abc\"", "W/\"abc\"", true);
    compare("abc", "abcd", false);
    compare("abc", "W/\"abcd\"", false);
    compare("abc", "", false);
    compare("W/\"\"", "", true);
    compare("W/\"abc", "abc", false);

    is_md5(MD5, true);
    is_md5("D41D8CD98F00B204E9800998ECF8427E", true);
    is_md5(MD5 "-2", false);
    is_md5(MD5 "0", false);
    is_md5("\"" MD5 "\"", false);
    is_md5("d41d8cd98f00b204e9800998ecf8427", false);
    is_md5("", false);
    return done_testing();
}
