/* plugin/feed: which header lines of a batch a feed accepts, and the errors for the others. */
#include <string.h>
#include <unistd.h>

#include "feed/feed.h"
#include "feed_stream.h"
#include "tap.h"

#define UNCHANGED                                                                                  \
    "; make one awstats-cloudfront cat the last command in LogFile, so that nothing changes its "  \
    "output"

/* Whether the feed rejects the stream with this error; "": whether it accepts the whole stream. */
static void is_refused(const char *stream, const char *want, const char *name)
{
    int ends[2];
    const char *line;
    size_t size;
    if (pipe(ends) < 0)
        return;
    bool written = write(ends[1], stream, strlen(stream)) == (ssize_t)strlen(stream);
    close(ends[1]);
    struct feed *feed = feed_new(ends[0]);
    while (feed_line(feed, &line, &size) == FEED_LINE)
        ;
    const char *error = feed_error(feed) ? feed_error(feed) : "";
    ok(written, "(written)");
    is_text(error, strlen(error), want, name);
    feed_free(feed);
    close(ends[0]);
}

#define OTHER_64 "0123456789012345678901234567890123456789012345678901234567890123"

static void test_batch_lines(void)
{
    const char *no_id = "its header line #Previous is malformed" UNCHANGED;
    const char *no_files = "its header line #Files is malformed" UNCHANGED;
    const char *no_ids = "its header line #Replaces is malformed" UNCHANGED;
    const char *alone = "its header has a line #Previous or #Replaces without #Batch" UNCHANGED;
    is_refused(HEADER BATCH "#Previous: -\n#Replaces: a b-1 C\n#End: records=0\n", "", "all lines");
    is_refused(HEADER "#Previous: a\n#End: records=0\n", alone, "#Previous alone");
    is_refused(HEADER "#Replaces: a\n#End: records=0\n", alone, "#Replaces alone");
    is_refused(HEADER BATCH
               "#Formerly: a b%20c\n#History: /d/awstatsMMYYYY.a.txt\n#End: records=0\n",
               "", "names of site and history");
    alone = "its header has a line #Formerly, #History or #Files without #Batch" UNCHANGED;
    is_refused(HEADER "#Formerly: a\n#End: records=0\n", alone, "#Formerly alone");
    is_refused(HEADER "#History: a\n#End: records=0\n", alone, "#History alone");
    is_refused(HEADER BATCH "#History: a\n#History: a\n",
               "its header has the line #History twice" UNCHANGED, "#History twice");
    is_refused(HEADER BATCH "#Formerly: a\n#Formerly: a\n",
               "its header has the line #Formerly twice" UNCHANGED, "#Formerly twice");
    is_refused(HEADER BATCH "#Files: 2026=a 202610=b 20261031=c 2026103123=d\n#End: records=0\n",
               "", "batches of files");
    is_refused(HEADER "#Files: 202610=a\n#End: records=0\n", alone, "#Files alone");
    is_refused(HEADER BATCH "#Files: 202610=a\n#Files: 202610=a\n",
               "its header has the line #Files twice" UNCHANGED, "#Files twice");
    is_refused(HEADER BATCH "#Files: \n", no_files, "no files");
    is_refused(HEADER BATCH "#Files: 202610\n", no_files, "a file without a batch");
    is_refused(HEADER BATCH "#Files: 202610=\n", no_files, "a file with an empty batch");
    is_refused(HEADER BATCH "#Files: 202=a\n", no_files, "a period that is too short");
    is_refused(HEADER BATCH "#Files: 20261031235=a\n", no_files, "a period that is too long");
    is_refused(HEADER BATCH "#Files: 2026x=a\n", no_files, "a period with a letter");
    is_refused(HEADER BATCH "#Files: 202610=a  202611=b\n", no_files, "files, two spaces");
    is_refused(HEADER BATCH "#Previous: \n", no_id, "no ID");
    is_refused(HEADER BATCH "#Previous: a b\n", no_id, "two IDs");
    is_refused(HEADER BATCH "#Previous: " OTHER_64 "\n", no_id, "an ID that is too long");
    is_refused(HEADER BATCH "#Replaces: \n", no_ids, "no IDs");
    is_refused(HEADER BATCH "#Replaces: a  b\n", no_ids, "two spaces");
    is_refused(HEADER BATCH "#Replaces: a \n", no_ids, "a space at the end");
    is_refused(HEADER BATCH "#Replaces: a/b\n", no_ids, "a byte that no ID has");
    is_refused(HEADER BATCH "#Previous: a\n#Previous: a\n",
               "its header has the line #Previous twice" UNCHANGED, "#Previous twice");
}

int main(void)
{
    test_batch_lines();
    return done_testing();
}
