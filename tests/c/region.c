/* Names of regions, and those that ask for FIPS. */
#include "aws/region.h"

#include "tap.h"

static void is_stripped(const char *region, const char *want, bool want_fips)
{
    const char *plain;
    size_t size;
    bool is_fips = region_strip_fips(&plain, &size, region);
    ok(is_fips == want_fips && size == strlen(want) && !memcmp(plain, want, size), "%s: %.*s%s",
       region, (int)size, plain, is_fips ? ", FIPS" : "");
}

int main(void)
{
    char longest[REGION_SIZE + 1];
    memset(longest, 'a', REGION_SIZE);
    longest[REGION_SIZE] = '\0';
    ok(!region_is_name(longest) && region_is_name(longest + 1), "a name has 63 bytes at most");
    ok(region_is_name("eu-west-1") && region_is_name("My_zone"), "names");
    ok(!region_is_name("") && !region_is_name("eu west") && !region_is_name("a.b") &&
           !region_is_name("-a") && !region_is_name("a-"),
       "no names");
    is_stripped("eu-west-1", "eu-west-1", false);
    is_stripped("fips-us-east-1", "us-east-1", true);
    is_stripped("us-east-1-fips", "us-east-1", true);
    is_stripped("fips-us-east-1-fips", "us-east-1", true);
    is_stripped("fips-fips", "fips", true);
    is_stripped("fips--fips", "-fips", true);
    is_stripped("fips-", "fips-", false);
    is_stripped("-fips", "-fips", false);
    is_stripped("fips", "fips", false);
    is_stripped("", "", false);
    return done_testing();
}
