/* text/nearest: the name that a mistyped word means. */
#include <string.h>

#include "tap.h"
#include "text/nearest.h"

static const char *find(const char *word)
{
    static const char *const names[] = {"cat",  "fetch",  "commit",           "status",
                                        "site", "settle", "x-edge-request-id"};
    struct nearest nearest = {.word = word};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        nearest_try(&nearest, names[i]);
    return nearest.name ? nearest.name : "";
}

#define IS(word, name) ok(!strcmp(find(word), name), "\"%s\" is near \"%s\"", word, name)

int main(void)
{
    char longest[65], longer[66];
    IS("cat", "cat");
    IS("cta", "cat");       /* swapped */
    IS("ca", "cat");        /* left out */
    IS("catt", "cat");      /* added */
    IS("FETCH", "fetch");   /* another case */
    IS("fecth", "fetch");   /* swapped in the middle */
    IS("cmmit", "commit");  /* left out in the middle */
    IS("statis", "status"); /* replaced */
    IS("statt", "status");  /* replaced and left out */
    IS("x-edge-requestid", "x-edge-request-id");
    IS("dog", "");
    IS("ct", "cat");
    IS("c", ""); /* nothing would be left of it */
    IS("", "");
    IS("commitment", ""); /* four more */
    memset(longest, 'x', sizeof longest - 1);
    longest[64] = '\0';
    memset(longer, 'x', sizeof longer - 1);
    longer[65] = '\0';
    struct nearest nearest = {.word = longest};
    nearest_try(&nearest, longest);
    ok(nearest.name == longest && !nearest.distance, "64 bytes are compared");
    nearest = (struct nearest){.word = longer};
    nearest_try(&nearest, longer);
    ok(!nearest.name, "65 bytes are not");
    nearest = (struct nearest){.word = "cat"};
    nearest_try(&nearest, longer);
    ok(!nearest.name, "a name of 65 bytes is not compared");
    return done_testing();
}
