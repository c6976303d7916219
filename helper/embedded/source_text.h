/* The text of awstats.pl as perl reads it. */
#ifndef EMBEDDED_SOURCE_TEXT_H
#define EMBEDDED_SOURCE_TEXT_H

/* Leaves the bodies of the functions that make pages, and of the one that prints AWStats' help, out of the file that
 * perl is about to compile: an update calls none of them, and they take a fifth of the time to compile awstats.pl.
 * Puts the text of each function, with a "#line" before it, into the hash %left_out of AWStats::CloudFront::Embedded,
 * by name.  In its place is a function that calls call_page() of that package, which compiles the text. */
void source_text_leave_out_pages(pTHX);

#endif
