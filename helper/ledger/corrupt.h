/* The message about a corrupt ledger, for all modules that find one. */
#ifndef LEDGER_CORRUPT_H
#define LEDGER_CORRUPT_H

/* The format behind the file's path; its argument is the error. */
#define LEDGER_IS_CORRUPT                                                                          \
    "this ledger file (what is counted so far) is corrupt (%s); restore a backup "                 \
    "(awstats-cloudfront restore --site=NAME --from=DIR), or move this file and the AWStats "      \
    "history away to count all that is still in the source again"

#endif
