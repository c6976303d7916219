/* The parts of a normalized log, as texts, for tests of the feed. */
#ifndef FEED_STREAM_H
#define FEED_STREAM_H

#include "columns_text.h"

#define HEADER "#Version: 1.0\n#Software: awstats-cloudfront 1.0\n#Fields: " COLUMNS_NAMES "\n"
#define BATCH  "#Batch: 20261031-1a2b\n#Site: cdn /etc/awstats/cloudfront.conf\n"
#define RECORD(date, status, event)                                                                \
    date "\t23:59:59\tDFW57-P3\t1000\t192.0.2.1\tGET\twww.example.com\t/page.html\t" status        \
         "\t-\tMozilla/5.0\t-\tHit\thttps\tHTTP/2.0\tTLSv1.3\ttext/html\t0.001\t0.001\tUS\t" event \
             COLUMNS_ABSENT_AFTER_EVENT "\n"

#endif
