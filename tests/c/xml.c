/* XML documents by their paths, in pieces of every size, and documents that a reader must reject. */
#include "text/xml.h"

#include <stdlib.h>

#include "tap.h"
#include "text/buffer.h"

static void end(void *user, const char *path, const char *text)
{
    struct buffer *log = user;
    buffer_printf(log, "%s=%s;", path, text ? text : "");
}

static const struct xml_handler handler = {.end = end};

/* Reads a document in pieces; LOG gets its elements.  Returns the result of xml_add(). */
static bool read_pieces(struct buffer *log, const char *document, size_t size, size_t piece,
                        bool *is_hostile, bool *is_cut)
{
    struct xml *xml = xml_new(&handler, log);
    bool read = true;
    for (size_t at = 0; read && at < size; at += piece)
        read = xml_add(xml, document + at, piece < size - at ? piece : size - at, false);
    read = read && xml_add(xml, "", 0, true);
    *is_hostile = !read && xml_is_hostile(xml);
    *is_cut = !read && xml_is_cut(xml);
    xml_free(xml);
    return read;
}

/* Makes a document: BEFORE, COUNT times WHAT, and AFTER. */
static struct buffer make(const char *before, const char *what, size_t count, const char *after)
{
    struct buffer document = {0};
    buffer_add_text(&document, before);
    for (size_t i = 0; i < count; i++)
        buffer_add_text(&document, what);
    buffer_add_text(&document, after);
    return document;
}

static void refuse(struct buffer document, bool wants_hostile, const char *name)
{
    for (size_t piece = 1; piece <= document.size; piece *= 101) {
        struct buffer log = {0};
        bool is_hostile, is_cut;
        bool read = read_pieces(&log, document.data, document.size, piece, &is_hostile, &is_cut);
        ok(!read && is_hostile == wants_hostile, "%s, in pieces of %zu", name, piece);
        buffer_free(&log);
    }
    buffer_free(&document);
}

static void take(struct buffer document, const char *name)
{
    struct buffer log = {0};
    bool is_hostile, is_cut;
    ok(read_pieces(&log, document.data, document.size, 1000, &is_hostile, &is_cut), "%s", name);
    buffer_free(&log);
    buffer_free(&document);
}

int main(void)
{
    static const char document[] = "<?xml version='1.0'?><a><b>x&lt;y</b> <c d='e'><f/>t</c></a>";
    bool is_hostile, is_cut;
    for (size_t piece = 1; piece < sizeof document; piece++) {
        struct buffer log = {0};
        bool read = read_pieces(&log, document, sizeof document - 1, piece, &is_hostile, &is_cut);
        ok(read, "a document in pieces of %zu", piece);
        is_text(log.data, log.size, "a/b=x<y;a/c/f=;a/c=;a=;", "its elements");
        buffer_free(&log);
    }
    for (size_t size = 0; size < sizeof document - 1; size++) {
        struct buffer log = {0};
        bool read = read_pieces(&log, document, size, 7, &is_hostile, &is_cut);
        ok(!read && is_cut && !is_hostile, "cut off after %zu bytes", size);
        buffer_free(&log);
    }

    take(make("<a>", "<a>", XML_DEPTH_MAX - 1, "</a></a></a></a></a></a></a></a>"),
         "as deep as may be");
    refuse(make("<a>", "<a>", XML_DEPTH_MAX, ""), true, "too deep");
    take(make("<a>", "x", XML_TEXT_MAX, "</a>"), "the longest text");
    refuse(make("<a>", "x", XML_TEXT_MAX + 1, "</a>"), true, "a text too long");
    take(make("<a b='", "x", XML_TAG_MAX - 9, "'></a>"), "the longest tag");
    refuse(make("<a b='", "x", 4 * XML_TAG_MAX, "'></a>"), true, "a tag too long");
    refuse(make("<a><!--", "x", 4 * XML_TAG_MAX, "--></a>"), true, "a comment too long");
    refuse(make("<!DOCTYPE a><a/>", "", 0, ""), true, "a document type");
    refuse(make("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "", 0, ""), true, "an entity");
    refuse(make("<a></b>", "", 0, ""), false, "elements that do not match");
    take(make("<a>", "<b>x</b> ", 100000, "</a>"), "many elements");
    return done_testing();
}
