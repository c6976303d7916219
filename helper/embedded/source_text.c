#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"
#include "XSUB.h"

#include <string.h>

#include "embedded/source_text.h"

enum { PIECE_SIZE = 64 * 1024 };

/* A function of awstats.pl. */
struct function {
    const char *name;
    const char *body; /* the text behind the opening brace */
    const char *end;  /* of the function's text */
    size_t name_size, lines;
};

static size_t line_size(const char *line, const char *end)
{
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    return newline ? (size_t)(newline - line) + 1 : (size_t)(end - line);
}

/* Whether a line is empty, has only white space, or begins with "#". */
static bool is_between_functions(const char *line, size_t size)
{
    const size_t white = strspn(line, " \t\r\n");
    return white >= size || *line == '#';
}

/* Finds a function that makes a page: from "sub HTMLShowHosts {" to the first line that is only "}", with a
 * comment or an empty line behind it.  All functions of awstats.pl have this form.  Returns false for any other
 * text, which perl then reads unchanged. */
static bool find_page(const char *text, const char *end, struct function *function)
{
    static const char *const begins[] = {"sub HTML", "sub Show", "sub PrintCLIHelp"};
    *function = (struct function){0};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (!strncmp(text, begins[i], strlen(begins[i])))
            function->name = text + strlen("sub ");
    if (!function->name)
        return false;
    while (isWORDCHAR_A(function->name[function->name_size]))
        function->name_size++;
    const char *brace = text + line_size(text, end);
    while (brace > text && isSPACE_A(brace[-1]))
        brace--;
    if (brace[-1] != '{')
        return false; /* the whole function is in this line, or only its declaration */
    function->body = brace;
    for (const char *line = text; line < end;) {
        const size_t size = line_size(line, end);
        const bool is_last = *line == '}';
        const bool is_alone = is_last && strspn(line + 1, " \t\r\n") >= size - 1;
        line += size;
        function->lines++;
        function->end = line;
        if (is_last)
            return is_alone && (line == end || is_between_functions(line, line_size(line, end)));
    }
    return false;
}

/* Writes a function in one line that calls the page with its own arguments and its name. */
static void put_call(pTHX_ SV *out, const char *text, const struct function *page)
{
    sv_catpvn(out, text, (size_t)(page->body - text));
    sv_catpvf(out, " unshift @_, '%.*s'; goto &AWStats::CloudFront::Embedded::call_page }",
              (int)page->name_size, page->name);
}

/* Copies TEXT without the bodies of the functions that make pages.  The number of lines stays, for messages of
 * perl. */
static void leave_out(pTHX_ HV *left_out, const char *text, const char *end, SV *out)
{
    size_t number = 1;
    while (text < end) {
        struct function page;
        const bool is_page = find_page(text, end, &page);
        const size_t size = is_page ? (size_t)(page.end - text) : line_size(text, end);
        if (is_page) {
            SV *kept = newSVpvf("#line %" UVuf " \"%s\"\n", (UV)number, CopFILE(PL_curcop));
            sv_catpvn(kept, text, size);
            (void)hv_store(left_out, page.name, (I32)page.name_size, kept, 0);
            put_call(aTHX_ out, text, &page);
            for (size_t i = 0; i < page.lines; i++)
                sv_catpvs(out, "\n");
        } else {
            sv_catpvn(out, text, size);
        }
        number += is_page ? page.lines : 1;
        text += size;
    }
}

/* The text that perl reads instead of the file.  Perl reads only one such file at a time. */
static struct {
    SV *text;
    STRLEN at; /* the next line in it */
} source;

/* Appends the next line to OUT; perlfilter(1) describes such a function.  The first call reads the whole file.
 * Only one line at a time, since perl searches for the end of a here-document line by line. */
static I32 read_line(pTHX_ int number, SV *out, int size)
{
    PERL_UNUSED_VAR(size);
    if (!source.text) {
        SV *whole = sv_2mortal(newSVpvs(""));
        I32 result;
        while ((result = FILTER_READ(number + 1, whole, PIECE_SIZE)) > 0)
            continue;
        if (result < 0)
            return result;
        if (SvCUR(whole) >= 3 && !memcmp(SvPVX(whole), "\xef\xbb\xbf", 3))
            sv_chop(whole,
                    SvPVX(whole) + 3); /* a mark of the byte order, which perl passes over, too */
        source.text = newSVpvs("");
        source.at = 0;
        leave_out(aTHX_ get_hv("AWStats::CloudFront::Embedded::left_out", GV_ADD), SvPVX(whole),
                  SvEND(whole), source.text);
    }
    const char *line = SvPVX(source.text) + source.at;
    const size_t line_bytes = line_size(line, SvEND(source.text));
    sv_catpvn(out, line, line_bytes);
    source.at += line_bytes;
    if (!line_bytes) {
        SvREFCNT_dec(source.text);
        source.text = NULL;
        filter_del(read_line);
    }
    return line_bytes > 0;
}

void source_text_leave_out_pages(pTHX)
{
    source.text = NULL; /* an interpreter that has ended early has freed the text */
    filter_add(read_line, NULL);
}
