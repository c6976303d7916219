/* The sections of the manual, as the command help prints them.  The build renders the pages and
 * makes the table of them (manual/make-topics), so that the program needs no manual on the machine. */
#ifndef MANUAL_TOPICS_H
#define MANUAL_TOPICS_H

struct topic {
    const char *name; /* the section's heading in lower case, words joined by "-" */
    const char *text;
    const char *parts; /* its subsections, which are topics, a space between; "" for none */
};

/* In the order of the pages; ends with a row without a name.  The sections of awstats-cloudfront(1)
 * come first: the name of each command is one of them. */
extern const struct topic manual_topics[];

#endif
