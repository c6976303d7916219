/* The text of awstats.pl as perl reads it. */
#ifndef EMBEDDED_SOURCE_TEXT_H
#define EMBEDDED_SOURCE_TEXT_H

/* Leaves the functions that make pages, and the one that prints AWStats' help, out of the file that perl is about to
 * compile: an update calls none of them, and they take a fifth of the time to compile awstats.pl.  Puts the text of each,
 * with a "#line" before it, into the hash %left_out of AWStats::CloudFront::Embedded, by name. */
void source_text_leave_out_pages(pTHX);

#endif
