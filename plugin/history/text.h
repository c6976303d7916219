/* Text of AWStats' history files, as Save_History writes it; pure C.
 *
 * Each function writes to TO, which must have room for the number of bytes that its comment names,
 * and returns the number of bytes written. */
#ifndef PLUGIN_HISTORY_TEXT_H
#define PLUGIN_HISTORY_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/record.h"

enum { HISTORY_TEXT_NUMBER_SIZE = 20 };

/* What a byte of a key can become: "%20". */
enum { HISTORY_TEXT_GROWTH = 3 };

/* Writes a number's digits, at most HISTORY_TEXT_NUMBER_SIZE. */
size_t history_text_number(char *to, uint64_t number);

/* Writes a key with "%20" for each white space, at most SIZE * HISTORY_TEXT_GROWTH bytes; mirrors
 * XMLEncodeForHisto of a history that is not XML. */
size_t history_text_encode(char *to, const char *text, size_t size);

/* Writes the URL of a page, encoded: "//" becomes "/", except after a colon.  Mirrors Save_History,
 * "sider". */
size_t history_text_page(char *to, const char *text, size_t size);

/* Writes a referring page, encoded: without the last slash of a site's first page, and with "http"
 * in lower case then.  Mirrors Save_History, "pagerefs". */
size_t history_text_referer(char *to, const char *text, size_t size);

/* Writes a key phrase, encoded: each row of spaces becomes "+", at most SIZE * HISTORY_TEXT_GROWTH
 * bytes.  Mirrors Save_History, "searchwords". */
size_t history_text_phrase(char *to, const char *text, size_t size);

/* Finds the next word of a key phrase, between pluses: stores where it begins and its size, and moves
 * *AT beyond.  False when only empty words are left: perl's split drops them.  *AT is 0 at first. */
bool history_text_next_word(const char *text, size_t size, size_t *at, struct field *word);

/* Whether AWStats takes a host for an address that has no name: digits and three points, or
 * hexadecimal digits and a colon.  Mirrors Save_History, "visitor": $regipv4 and $regipv6. */
bool history_text_is_address(const char *text, size_t size);

#endif
