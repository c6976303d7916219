/* Names that setup writes, and its marked texts.  A section of a configuration file is found, distinguished from a
 * changed one, and removed; then the file is the same as before. */
#include "setup/section.h"

#include <string.h>

#include "setup/names.h"
#include "setup/report_file.h"
#include "tap.h"

static void try_names(void)
{
    static const char *const good[] = {"a", "cdn", "CDN-2", "v1.x_y", "0"};
    static const char *const bad[] = {"",     ".",  "..",  "-x", ".x",  "a/b",      "a b",
                                      "a\nb", "a]", "a@b", "a%", "a\"", "\xc3\xa9", "a=b"};
    char name[66] = {0};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ok(!setup_name_error(good[i]), "good name %zu", i);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(setup_name_error(bad[i]) != NULL, "bad name %zu", i);
    memset(name, 'a', 65);
    ok(setup_name_error(name) != NULL, "65 characters are too many");
    name[64] = '\0';
    ok(!setup_name_error(name), "64 are not");
}

static void try_hosts(void)
{
    static const char *const good[] = {
        "a.b",      "www.example.com", "xn--bcher-kva.example", "d111111abcdef8.cloudfront.net",
        "1.2.3.x4", "a-b.c-d.e"};
    static const char *const bad[] = {"",
                                      "-",
                                      "localhost",
                                      "www.example.com.",
                                      ".example.com",
                                      "a..b",
                                      "192.0.2.1",
                                      "A.example",
                                      "a_b.c",
                                      "-a.example",
                                      "a-.example",
                                      "a.b-",
                                      "a b.c",
                                      "a\"b.c",
                                      "a\nb.c",
                                      "REGEX[.*].x",
                                      "@/etc/x.y",
                                      "__HOME__.x",
                                      "a.b:443",
                                      "[2001:db8::1]"};
    char label[80] = {0};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ok(setup_is_host(good[i], strlen(good[i])), "host %zu", i);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!setup_is_host(bad[i], strlen(bad[i])), "%zu is no host", i);
    ok(!setup_is_host("a.b\0c", 5), "a NUL is in no name");
    memset(label, 'a', 64);
    strcpy(label + 64, ".example");
    ok(!setup_is_host(label, strlen(label)), "a part of 64 characters is too long");
    ok(setup_is_host(label + 1, strlen(label + 1)), "one of 63 is not");
    ok(setup_is_distribution("d1.cloudfront.net"), "the own name of a distribution");
    ok(!setup_is_distribution("a.d1.cloudfront.net"), "a name below it is another one");
}

/* Appends a section to BEFORE, adds AFTER, and expects STATE.  After an unchanged section is removed, the text must
 * be LEFT. */
static void try_section(const char *name, const char *before, const char *after,
                        enum section_state state, const char *left)
{
    struct buffer text = {0};
    buffer_add_text(&text, before);
    section_append(&text, "a.b", "source = /x\n");
    buffer_add_text(&text, after);
    size_t size = text.size;
    ok(section_find(&text, "a.b", false) == state && text.size == size, "%s: state %d", name,
       state);
    ok(section_find(&text, "a", true) == SECTION_NOT_MARKED, "another name is not found");
    section_find(&text, "a.b", true);
    if (state == SECTION_UNCHANGED)
        is_text(text.data, text.size, left, "what is left when it is removed");
    else
        ok(text.size == size, "a changed section is not removed");
    buffer_free(&text);
}

static void try_sections(void)
{
    try_section("a new file", "", "", SECTION_UNCHANGED, "");
    try_section("after a section", "[z]\nsource = /z\n", "", SECTION_UNCHANGED,
                "[z]\nsource = /z\n");
    try_section("after a line without an end", "; no end", "", SECTION_UNCHANGED, "; no end\n");
    try_section("after an empty line", "x\n\n", "", SECTION_UNCHANGED, "x\n\n");
    try_section("before a comment and a section", "x\n", "\n; next\n[z]\n", SECTION_UNCHANGED,
                "x\n\n; next\n[z]\n");
    try_section("before an indented header", "x\n", "  [z]\n", SECTION_UNCHANGED, "x\n  [z]\n");
    try_section("before a comment", "x\n", "; added\n", SECTION_UNCHANGED, "x\n; added\n");
    try_section("before an indented setting", "x\n", "\n\n  region = y", SECTION_CHANGED, NULL);
    try_section("before a setting and a section", "x\n", "region = y\n[z]\n", SECTION_CHANGED,
                NULL);

    struct buffer text = {0};
    ok(section_find(&text, "a", true) == SECTION_NOT_MARKED, "an empty file has no section");
    buffer_add_text(&text, "; Section [a]: written by awstats-cloudfront setup, checksum ");
    ok(section_find(&text, "a", true) == SECTION_CHANGED, "a file that was cut off");
    buffer_free(&text);
}

static void try_report_file(void)
{
    struct report_file file = {
        "a", "/i", NULL, NULL, "a.example", "a.example b.example", "/h", "/one\n/one/two\n", false};
    struct buffer text = {0}, folders = {0};
    ok(report_file_find(&text) == REPORT_FILE_NOT_MARKED, "an empty file is not marked");
    report_file_add(&text, &file);
    ok(report_file_find(&text) == REPORT_FILE_UNCHANGED, "what setup has written is unchanged");
    report_file_get_folders(&text, &folders);
    is_text(folders.data, folders.size, "/one\n/one/two\n", "its folders");
    text.data[text.size - 2] ^= 1;
    ok(report_file_find(&text) == REPORT_FILE_CHANGED, "one changed byte");
    text.data[text.size - 2] ^= 1;
    buffer_add_text(&text, "\n");
    ok(report_file_find(&text) == REPORT_FILE_CHANGED, "one more byte");
    text.data[0] = ' ';
    ok(report_file_find(&text) == REPORT_FILE_NOT_MARKED, "no mark");
    buffer_clear(&text);
    buffer_add_text(&text, "# Written by awstats-cloudfront setup, checksum 12\n");
    ok(report_file_find(&text) == REPORT_FILE_CHANGED, "a mark that was cut off");
    buffer_free(&text);
    buffer_free(&folders);
}

int main(void)
{
    try_names();
    try_hosts();
    try_sections();
    try_report_file();
    return done_testing();
}
